import type { Artifact } from "../../api/shapes";
import type { NodeBody } from "../../graph/document";
import type { LanguageWish } from "./language-client";

const HEADER = /^# \/\/\/ script\n(?:#.*\n)*?# \/\/\/[ \t]*$/m;

/** What a node's language server has to know: which packages there are, and the modules of its bundle. */
export function languageWish(body: NodeBody | undefined, script: string, bundle: Artifact | undefined): LanguageWish {
  const value = (name: string) => {
    const found = body?.parameters?.[name];
    return typeof found === "string" && found !== "" ? found : undefined;
  };
  return {
    environment: body?.environment || undefined,
    version: value("Python Version"),
    script: HEADER.exec(script)?.[0],
    requirements: value("Requirements"),
    bundle: bundle?.digest,
  };
}
