import type { Json } from "./json";
import { callValues } from "./pipeline-parameters";

/** Programs that start a published pipeline, ready to be copied (bodies as sdk.md 15 has them). */
export type PipelineCodeLanguage = "curl" | "python" | "sdk";

export interface PipelineCodeInput {
  /** The whole address of the pipeline or endpoint. */
  address: string;
  id: string;
  isEndpoint: boolean;
  experiment: string;
  values: Record<string, Json>;
}

const TOKEN = "...";

/** The body that the old REST address takes. */
export function restBody(experiment: string, given: Record<string, Json>): Record<string, Json> {
  const { values, data_paths, datasets } = callValues(given);
  const body: Record<string, Json> = { ExperimentName: experiment };
  if (Object.keys(values).length) body.ParameterAssignments = values;
  if (Object.keys(data_paths).length) {
    body.DataPathAssignments = Object.fromEntries(
      Object.entries(data_paths).map(([name, value]) => {
        const place = value as { datastore: string; path: string };
        return [name, { DataStoreName: place.datastore, RelativePath: place.path }];
      }),
    );
  }
  if (Object.keys(datasets).length) {
    body.DataSetDefinitionValueAssignments = Object.fromEntries(
      Object.entries(datasets).map(([name, value]) => [name, { SavedDataSetReference: { Id: (value as { dataset: string }).dataset } }]),
    );
  }
  return body;
}

export function pipelineCode(language: PipelineCodeLanguage, { address, id, isEndpoint, experiment, values }: PipelineCodeInput): string {
  const body = JSON.stringify(restBody(experiment, values), null, 4);
  switch (language) {
    case "curl":
      return `curl -X POST '${address.replaceAll("'", "'\\''")}' \\
  -H 'Authorization: Bearer ${TOKEN}' \\
  -H 'Content-Type: application/json' \\
  -d '${body.replaceAll("'", "'\\''")}'
`;
    case "python":
      return `import json
import urllib.error
import urllib.request

url = ${JSON.stringify(address)}
token = "${TOKEN}"  # with the scope ${isEndpoint ? "of this endpoint" : "of this pipeline"}: pipeline:${id}
body = json.loads(r"""
${body}
""")

request = urllib.request.Request(
    url,
    json.dumps(body).encode("utf-8"),
    {"Content-Type": "application/json", "Authorization": "Bearer " + token},
)
try:
    with urllib.request.urlopen(request) as answer:
        print("run", json.load(answer)["Id"])
except urllib.error.HTTPError as error:
    print(error.code, error.read().decode("utf-8"))
`;
    case "sdk":
      return sdkCode({ address, id, isEndpoint, experiment, values });
  }
}

function sdkCode({ id, isEndpoint, experiment, values: given }: PipelineCodeInput): string {
  const { values, data_paths, datasets } = callValues(given);
  const places = Object.entries(data_paths).map(([name, value]) => {
    const { datastore, path } = value as { datastore: string; path: string };
    return `    ${py(name)}: DataPath(Datastore(ws, ${py(datastore)}), ${py(path)}),\n`;
  });
  const sets = Object.entries(datasets).map(([name, value]) => `    ${py(name)}: Dataset.get_by_id(ws, ${py((value as { dataset: string }).dataset)}),\n`);
  const plain = Object.entries(values).map(([name, value]) => `    ${py(name)}: ${py(value)},\n`);
  const core = ["Workspace", ...(places.length ? ["Datastore"] : []), ...(sets.length ? ["Dataset"] : [])].sort().join(", ");
  const kind = isEndpoint ? "PipelineEndpoint" : "PublishedPipeline";
  const found = isEndpoint ? `PipelineEndpoint.get(ws, id=${py(id)})` : `PublishedPipeline.get(ws, ${py(id)})`;
  const start = isEndpoint ? `pipeline.submit(${py(experiment)}, pipeline_parameters=values)` : `pipeline.submit(ws, ${py(experiment)}, pipeline_parameters=values)`;
  return `from azureml.core import ${core}
${places.length ? "from azureml.data.datapath import DataPath\n" : ""}from azureml.pipeline.core import ${kind}

ws = Workspace.from_config()
pipeline = ${found}
values = {
${[...plain, ...places, ...sets].join("")}}
run = ${start}
run.wait_for_completion()
`;
}

/** A JSON value as Python writes it. */
function py(value: Json): string {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (Array.isArray(value)) return `[${value.map(py).join(", ")}]`;
  if (typeof value === "object") return `{${Object.entries(value).map(([key, part]) => `${py(key)}: ${py(part)}`).join(", ")}}`;
  return JSON.stringify(value);
}
