import type { Problem } from "../../api/shapes";
import type { ScriptFault } from "./SourceView";

const FRAME = /File "([^"]*)", line (\d+)(?:, in (\S+))?/g;

/** The line of the script where it failed: the last frame of the user's traceback that lies in the script. */
export function scriptFault(problem: Problem | undefined): ScriptFault | null {
  if (!problem) return null;
  const frames = [...(problem.traceback ?? "").matchAll(FRAME)];
  const inScript = frames.filter(([, file = ""]) => /(^|[\\/<])(user_)?script|<script>|azureml_main/.test(file));
  const line = inScript.at(-1)?.[2] ?? frames.at(-1)?.[2] ?? /line (\d+)/.exec(`${problem.where} ${problem.message}`)?.[1];
  return line ? { line: Number(line), message: problem.message } : null;
}
