import type { Parameter } from "../graph/module";

/** In which language a script parameter is written. */
export function languageFor(parameter: Parameter, language: string | undefined): "python" | "r" | "sql" | "text" {
  if (/SQL/.test(parameter.name)) return "sql";
  if (/^R Script/.test(parameter.name)) return "r";
  if (/^(Requirements|Data)$/.test(parameter.name)) return "text";
  if (/Python/.test(parameter.name)) return "python";
  return language === "r" && parameter.name.includes("Script") ? "r" : "text";
}
