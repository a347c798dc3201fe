"""Sample code: programs that call an endpoint, ready to be copied from its help page."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from skyloom.core.endpoint import Endpoint
from skyloom.server.classic_swagger import sample_request


def python_code(endpoint: Endpoint, address: str) -> str:
    """Python 3, with the standard library alone."""
    body = json.dumps(sample_request(endpoint), indent=4)
    body = body.replace("true", "True").replace("false", "False").replace("null", "None")
    return f"""import json
import urllib.error
import urllib.request

url = {json.dumps(f"{address}/execute?api-version=2.0&format=swagger")}
api_key = "..."  # a key of the endpoint
data = {body}

request = urllib.request.Request(
    url,
    json.dumps(data).encode("utf-8"),
    {{"Content-Type": "application/json", "Authorization": "Bearer " + api_key}},
)
try:
    with urllib.request.urlopen(request) as answer:
        print(json.load(answer))
except urllib.error.HTTPError as error:
    print(error.code, dict(error.headers))
    print(error.read().decode("utf-8"))
"""


def r_code(endpoint: Endpoint, address: str) -> str:
    """R, with httr and jsonlite."""
    body = json.dumps(sample_request(endpoint))
    return f"""library(httr)
library(jsonlite)

url <- {json.dumps(f"{address}/execute?api-version=2.0&format=swagger")}
api_key <- "..." # a key of the endpoint
body <- {json.dumps(body)}

answer <- POST(
  url,
  add_headers(Authorization = paste("Bearer", api_key)),
  content_type_json(),
  body = body
)
print(status_code(answer))
print(fromJSON(content(answer, as = "text", encoding = "UTF-8")))
"""


def csharp_code(endpoint: Endpoint, address: str) -> str:
    """C#, with System.Net.Http."""
    body = json.dumps(sample_request(endpoint)).replace('"', '""')
    return f"""using System;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Threading.Tasks;

class Program
{{
    static async Task Main()
    {{
        const string url = {json.dumps(f"{address}/execute?api-version=2.0&format=swagger")};
        const string apiKey = "..."; // a key of the endpoint
        const string body = @"{body}";

        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        var content = new StringContent(body, Encoding.UTF8, "application/json");
        var answer = await client.PostAsync(url, content);
        Console.WriteLine((int)answer.StatusCode);
        Console.WriteLine(await answer.Content.ReadAsStringAsync());
    }}
}}
"""


def curl_code(endpoint: Endpoint, address: str) -> str:
    """A shell."""
    body = json.dumps(sample_request(endpoint)).replace("'", "'\\''")
    return f"""curl '{address}/execute?api-version=2.0&format=swagger' \\
  -H 'Authorization: Bearer '"$API_KEY" \\
  -H 'Content-Type: application/json' \\
  -d '{body}'
"""


LANGUAGES: Mapping[str, Callable[[Endpoint, str], str]] = {
    "Python": python_code,
    "R": r_code,
    "C#": csharp_code,
    "curl": curl_code,
}
