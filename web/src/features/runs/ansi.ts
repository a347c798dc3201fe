export interface Part {
  text: string;
  look: string;
}

const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
const ESCAPE = /\u001b(?:\[([0-9;]*)([A-Za-z])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|.)/g;
/** Control letters and marks that turn the direction of text: shown as what they are (reliability.md 4.1, row 6). */
const ODD = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A line of a log in parts of one look each; of ANSI sequences only colours and bold count. */
export function ansiParts(line: string): Part[] {
  const parts: Part[] = [];
  let look = "";
  let from = 0;
  const push = (text: string) => {
    if (text) parts.push({ text: visible(text), look });
  };
  for (const match of line.matchAll(ESCAPE)) {
    push(line.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === "m") look = lookOf(match[1] ?? "", look);
  }
  push(line.slice(from));
  return parts;
}

/** The text of a line without what colours it. */
export function plainText(line: string): string {
  return visible(line.replace(ESCAPE, ""));
}

function visible(text: string): string {
  return text.replace(ODD, (letter) => (letter === "\r" ? "" : `\\x${letter.charCodeAt(0).toString(16).padStart(2, "0")}`));
}

function lookOf(codes: string, before: string): string {
  let looks = before.split(" ").filter(Boolean);
  for (const code of (codes || "0").split(";").map(Number)) {
    if (code === 0) looks = [];
    else if (code === 1) looks.push("ansi-bold");
    else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) {
      looks = [...looks.filter((look) => look === "ansi-bold"), `ansi-${COLOURS[code % 10]}`];
    } else if (code === 39) looks = looks.filter((look) => look === "ansi-bold");
  }
  return looks.join(" ");
}
