/** A place as the language server counts: from 0, characters in UTF-16. */
export interface Place {
  line: number;
  character: number;
}

/** A script as the language server reads it, and where it differs from what stands in the editor. */
export interface Shadow {
  text: string;
  lines: number; // of the editor's text; what lies behind them is ours
  inserted: readonly (Place & { length: number })[]; // in rising order, places of the editor's text
}

const ENTRY = /^([ \t]*def[ \t]+azureml_main[ \t]*\()([^)#]*)\)/m;
const NAME = "_SkyloomFrame";
const SAID = `: "${NAME}"`;
const PARAMETER = /^(\s*[A-Za-z_]\w*)\s*(?:=[^:]*)?$/;

/** Whether a word is one that we put in. */
export const isOurs = (word: string) => word.startsWith(NAME);

/**
 * Say that the parameters of azureml_main are data frames, which no script of the old product does: without it
 * no language server knows what `dataframe1.` may be followed by. Lines keep their numbers.
 */
export function shadowOf(script: string): Shadow {
  const lines = script.split("\n").length;
  const match = ENTRY.exec(script);
  const inserted: (Place & { length: number })[] = [];
  if (!match) return { text: script, lines, inserted };
  const [, head = "", inside = ""] = match;
  let text = "";
  let taken = 0; // of the script
  let offset = match.index + head.length;
  for (const part of inside.split(",").slice(0, 2)) {
    const named = PARAMETER.exec(part)?.[1];
    if (named !== undefined) {
      const end = offset + named.length;
      text += script.slice(taken, end) + SAID;
      taken = end;
      inserted.push({ ...placeAt(script, end), length: SAID.length });
    }
    offset += part.length + 1;
  }
  text += script.slice(taken);
  if (inserted.length) text += `\n\nfrom pandas import DataFrame as ${NAME}\n`;
  return { text, lines, inserted };
}

/** A place of the editor's text in the shadow. */
export function toShadow({ inserted }: Shadow, { line, character }: Place): Place {
  const before = inserted.filter((one) => one.line === line && one.character <= character);
  return { line, character: before.reduce((sum, one) => sum + one.length, character) };
}

/** A place of the shadow in the editor's text; one inside of what was put in becomes the place before it. */
export function fromShadow({ inserted }: Shadow, { line, character }: Place): Place {
  let shift = 0;
  for (const one of inserted) {
    if (one.line !== line || one.character + shift >= character) continue;
    shift += Math.min(one.length, character - one.character - shift);
  }
  return { line, character: character - shift };
}

function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length - 1, character: offset - (before.lastIndexOf("\n") + 1) };
}
