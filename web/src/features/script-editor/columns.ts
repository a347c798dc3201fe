import type { CompletionContext, CompletionResult } from "@codemirror/autocomplete";

/** What is being typed: `name["par` or `name['par`, also after a comma in a list of columns. */
const OPEN = /([A-Za-z_][\w.]*)\s*\[\s*(?:\[\s*)?(?:(?:"[^"]*"|'[^']*')\s*,\s*)*(["'])([^"'\\]*)$/;
/** Parameters of the entry function, whose order is that of the ports. */
const ENTRY = /def\s+azureml_main\s*\(([^)]*)\)/;

/** Names of parameters of azureml_main in a script. */
export function entryParameters(script: string): string[] {
  const inside = ENTRY.exec(script)?.[1] ?? "";
  return inside
    .split(",")
    .map((part) => part.split(/[:=]/)[0]?.trim() ?? "")
    .filter((name) => /^\w+$/.test(name));
}

/** Columns to offer behind `name["`: of its own port when it is a parameter, else of every port. */
export function columnsFor(script: string, name: string, columns: readonly (readonly string[])[]): string[] {
  const place = entryParameters(script).indexOf(name);
  const own = place >= 0 ? columns[place] : undefined;
  return [...new Set(own?.length ? own : columns.flat())];
}

/** Completion of the real columns of the connected tables. */
export function columnCompletion(columns: () => readonly (readonly string[])[]) {
  return (context: CompletionContext): CompletionResult | null => {
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    const match = OPEN.exec(before);
    if (!match) return null;
    const [, name = "", quote = '"', typed = ""] = match;
    const known = columnsFor(context.state.doc.toString(), name, columns());
    if (!known.length) return null;
    const isClosed = line.text.slice(context.pos - line.from).startsWith(quote);
    return {
      from: context.pos - typed.length,
      options: known.map((column) => ({
        label: column,
        apply: isClosed ? column : column + quote,
        boost: 50,
        type: "property",
      })),
      validFor: /^[^"']*$/,
    };
  };
}
