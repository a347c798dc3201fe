import type { Json } from "./json";

/** Programs that call a web service, ready to be copied (the request is the classic one, services.md 1.1). */
export type CodeLanguage = "python" | "r" | "csharp" | "curl";

export interface CodeInput {
  /** Where the endpoint is called, without `/execute`. */
  address: string;
  request: Json;
}

const KEY = "...";

export function clientCode(language: CodeLanguage, { address, request }: CodeInput): string {
  const url = `${address}/execute?api-version=2.0&format=swagger`;
  const body = JSON.stringify(request, null, 4);
  switch (language) {
    case "python":
      return `import json
import urllib.error
import urllib.request

url = ${JSON.stringify(url)}
api_key = "${KEY}"  # a key of the endpoint
data = json.loads(r"""
${body}
""")

request = urllib.request.Request(
    url,
    json.dumps(data).encode("utf-8"),
    {"Content-Type": "application/json", "Authorization": "Bearer " + api_key},
)
try:
    with urllib.request.urlopen(request) as answer:
        print(json.dumps(json.load(answer), indent=2))
except urllib.error.HTTPError as error:
    print(error.code, error.read().decode("utf-8"))
`;
    case "r":
      return `library(httr)
library(jsonlite)

url <- ${JSON.stringify(url)}
api_key <- "${KEY}" # a key of the endpoint
body <- ${JSON.stringify(JSON.stringify(request))}

answer <- POST(
  url,
  add_headers(Authorization = paste("Bearer", api_key)),
  content_type_json(),
  body = body
)
print(status_code(answer))
print(fromJSON(content(answer, as = "text", encoding = "UTF-8")))
`;
    case "csharp":
      return `using System;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;

class Program
{
    static void Main()
    {
        const string url = ${JSON.stringify(url)};
        const string apiKey = "${KEY}"; // a key of the endpoint
        const string body = @"${body.replaceAll('"', '""')}";

        using (var client = new HttpClient())
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
            var content = new StringContent(body, Encoding.UTF8, "application/json");
            var answer = client.PostAsync(url, content).Result;
            Console.WriteLine((int)answer.StatusCode);
            Console.WriteLine(answer.Content.ReadAsStringAsync().Result);
        }
    }
}
`;
    case "curl":
      return `curl -X POST '${url.replaceAll("'", "'\\''")}' \\
  -H 'Content-Type: application/json' \\
  -H 'Authorization: Bearer ${KEY}' \\
  -d '${body.replaceAll("'", "'\\''")}'
`;
  }
}

export interface SchemaColumn {
  name: string;
  type?: string;
  values?: Json;
}

/** A value that a column of a type takes. */
export function sampleValue(column: SchemaColumn): Json {
  const [first] = Array.isArray(column.values) ? column.values : [];
  if (first !== undefined) return first;
  switch (column.type) {
    case "Integer":
      return 1;
    case "Double":
    case "Numeric":
      return 1.5;
    case "Boolean":
      return true;
    case "DateTime":
      return "2024-01-01T00:00:00Z";
    case "TimeSpan":
      return "00:00:00";
    default:
      return "";
  }
}

/** What a person typed for a column, as JSON of its type; empty is missing. */
export function typedValue(column: SchemaColumn, text: string): Json {
  if (text === "") return column.type === "String" || column.type === undefined ? "" : null;
  if (["Integer", "Double", "Numeric"].includes(column.type ?? "")) return Number.isFinite(Number(text)) ? Number(text) : text;
  if (column.type === "Boolean") return /^(true|1|yes)$/i.test(text);
  return text;
}

/** The body of a call with one row an input. */
export function requestOf(inputs: Record<string, Record<string, Json>>, parameters: Record<string, Json>): Json {
  return {
    Inputs: Object.fromEntries(Object.entries(inputs).map(([name, row]) => [name, [row]])),
    GlobalParameters: parameters,
  };
}
