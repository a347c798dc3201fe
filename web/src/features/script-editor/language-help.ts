import type { Completion, CompletionContext, CompletionResult, CompletionSource } from "@codemirror/autocomplete";
import { syntaxTree } from "@codemirror/language";
import type { Diagnostic } from "@codemirror/lint";
import { forEachDiagnostic, setDiagnostics } from "@codemirror/lint";
import type { Extension, Text } from "@codemirror/state";
import { StateEffect, StateField } from "@codemirror/state";
import type { Tooltip } from "@codemirror/view";
import { EditorView, hoverTooltip, keymap, showTooltip, ViewPlugin } from "@codemirror/view";
import type { Problem } from "../../api/shapes";
import { isObject } from "../../graph/json";
import type { LanguageWish } from "./language-client";
import { LanguageClient } from "./language-client";
import type { Place, Shadow } from "./shadow";
import { fromShadow, isOurs, shadowOf, toShadow } from "./shadow";

/** Where a diagnostic comes from that the last run left; those of the language server have another. */
export const RUN = "run";

const UNKNOWN = "Unknown"; // the server's word for what it has no type for
const MOST_TEXT = 3_000; // of a docstring beside the editor
const MOST_DETAIL = 48;
const MOST_LABEL = 300; // of a signature
const TOLD_MS = 250; // after the last key the server hears the text
// builtins of Python 2 that scripts keep (runner/compatibility/python2_names.py)
const OLD_NAMES = new Set("apply basestring buffer cmp coerce execfile file intern long raw_input reduce reload unichr unicode xrange".split(" "));
const KINDS = ["", "text", "function", "function", "class", "property", "variable", "class", "interface", "namespace", "property", "", "", "enum", "keyword", "text", "", "", "", "", "constant", "constant", "class"];

/** A language server's help in an editor: completion, hover, signatures and squiggles. */
export class LanguageHelp {
  readonly client: LanguageClient;
  private shadow: Shadow = shadowOf("");
  private view: EditorView | null = null;
  private timer = 0;

  constructor(wish: LanguageWish, onProblem: (problem: Problem | null) => void) {
    this.client = new LanguageClient(wish, {
      onReady: () => onProblem(null),
      onProblem,
      onNotice: (method, params) => method === "textDocument/publishDiagnostics" && this.mark(params),
    });
  }

  attach(view: EditorView): void {
    this.view = view;
    this.tell();
  }

  close(): void {
    clearTimeout(this.timer);
    this.view = null;
    this.client.close();
  }

  /** The text has changed. */
  changed(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.tell(), TOLD_MS);
  }

  readonly complete: CompletionSource = async (context) => {
    const word = context.matchBefore(/\w*/);
    if (!word || isInText(context)) return null;
    const isBehindDot = context.state.sliceDoc(word.from - 1, word.from) === ".";
    if (!context.explicit && !isBehindDot && word.from === word.to) return null;
    if (/^\d/.test(word.text)) return null;
    const answer = await this.ask("textDocument/completion", context.pos);
    const items = Array.isArray(answer) ? answer : isObject(answer) && Array.isArray(answer.items) ? answer.items : [];
    const options = items.filter(isObject).map(optionOf).filter((one) => one !== null);
    return options.length ? ({ from: word.from, options, validFor: /^\w*$/ } satisfies CompletionResult) : null;
  };

  async hover(pos: number): Promise<{ text: string; from: number; to: number } | null> {
    const answer = await this.ask("textDocument/hover", pos);
    if (!isObject(answer) || !this.view) return null;
    const { contents } = answer;
    const text = typeof contents === "string" ? contents : isObject(contents) ? String(contents.value ?? "") : "";
    const word = this.view.state.wordAt(pos);
    return text.trim() && text.trim() !== UNKNOWN ? { text: text.replace(/^bound method /, ""), from: word?.from ?? pos, to: word?.to ?? pos } : null;
  }

  async signature(pos: number): Promise<Signature | null> {
    const answer = await this.ask("textDocument/signatureHelp", pos);
    if (!isObject(answer) || !Array.isArray(answer.signatures)) return null;
    const chosen = answer.signatures[Number(answer.activeSignature ?? 0)] ?? answer.signatures[0];
    if (!isObject(chosen) || typeof chosen.label !== "string") return null;
    const place = Number(chosen.activeParameter ?? answer.activeParameter ?? -1);
    const parameter = Array.isArray(chosen.parameters) ? chosen.parameters[place] : undefined;
    return signatureOf(chosen.label, isObject(parameter) ? parameter.label : undefined);
  }

  private tell(): void {
    if (!this.view) return;
    this.shadow = shadowOf(this.view.state.doc.toString());
    this.client.change(this.shadow.text);
  }

  private ask(method: string, pos: number): Promise<unknown> {
    this.tell();
    return this.view ? this.client.ask(method, { position: toShadow(this.shadow, placeOf(this.view.state.doc, pos)) }) : Promise.resolve(null);
  }

  private mark(params: unknown): void {
    const { view } = this;
    if (!view || !isObject(params) || !Array.isArray(params.diagnostics)) return;
    // of a text that is gone, or of a module of the bundle
    if (params.uri !== this.client.uri || (typeof params.version === "number" && params.version !== this.client.version)) return;
    const kept: Diagnostic[] = [];
    forEachDiagnostic(view.state, (one, from, to) => {
      if (one.source === RUN) kept.push({ ...one, from, to });
    });
    const found = params.diagnostics.filter(isObject).map((one) => this.diagnosticOf(one, view.state.doc));
    view.dispatch(setDiagnostics(view.state, [...kept, ...found.filter((one) => one !== null)]));
  }

  private diagnosticOf(told: Record<string, unknown>, doc: Text): Diagnostic | null {
    const range = rangeOf(told.range);
    const severity = Number(told.severity ?? 1);
    if (!range || severity > 2 || range.start.line >= this.shadow.lines) return null;
    const from = offsetOf(doc, fromShadow(this.shadow, range.start));
    const to = Math.max(offsetOf(doc, fromShadow(this.shadow, range.end)), Math.min(from + 1, doc.length));
    const message = String(told.message).split("\n\n")[0] ?? "";
    const name = /^Name `(\w+)`/.exec(message)?.[1];
    // what the compatibility layer restores is no error, though the server cannot know it
    if (this.client.compatibility && name !== undefined && OLD_NAMES.has(name)) return null;
    const isError = severity === 1 && (name !== undefined || !this.client.compatibility);
    return { from: Math.min(from, to), to, severity: isError ? "error" : "warning", message: message.slice(0, MOST_TEXT), source: "ty" };
  }
}

/** The extension for one help; `help` gives it at each use, so that it may be exchanged. */
export function languageHelp(help: () => LanguageHelp | null): Extension {
  return [
    hoverTooltip(
      async (_, pos) => {
        const found = await help()?.hover(pos);
        if (!found) return null;
        return { pos: found.from, end: found.to, above: true, create: () => ({ dom: helpElement(found.text) }) };
      },
      { hideOnChange: true, hoverTime: 400 },
    ),
    shownSignature,
    signatures(help),
    keymap.of([{ key: "Escape", run: hideSignature }]),
  ];
}

interface Signature {
  before: string;
  parameter: string;
  after: string;
}

/** A signature cut around the parameter that is being written. */
export function signatureOf(label: string, parameter: unknown): Signature {
  let from = 0;
  let to = 0;
  if (Array.isArray(parameter)) [from, to] = [Number(parameter[0]), Number(parameter[1])];
  else if (typeof parameter === "string") {
    from = Math.max(0, label.indexOf(parameter));
    to = from + parameter.length;
  }
  const begin = Math.max(0, from - MOST_LABEL / 2);
  const before = (begin > 0 ? "… " : "") + label.slice(begin, from);
  const after = label.slice(to, to + MOST_LABEL) + (label.length > to + MOST_LABEL ? " …" : "");
  return { before, parameter: label.slice(from, to), after };
}

const showSignature = StateEffect.define<{ pos: number; signature: Signature } | null>();

const shownSignature = StateField.define<Tooltip | null>({
  create: () => null,
  update(before, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(showSignature)) continue;
      if (!effect.value) return null;
      const { pos, signature } = effect.value;
      return { pos, above: true, create: () => ({ dom: signatureElement(signature) }) };
    }
    return before && transaction.docChanged ? { ...before, pos: transaction.changes.mapPos(before.pos) } : before;
  },
  provide: (field) => showTooltip.from(field),
});

function hideSignature(view: EditorView): boolean {
  if (!view.state.field(shownSignature, false)) return false;
  view.dispatch({ effects: showSignature.of(null) });
  return true;
}

/** Asks for the signature behind `(` and `,`, and again while one is shown. */
function signatures(help: () => LanguageHelp | null): Extension {
  return ViewPlugin.define((view) => {
    let asked = 0;
    const ask = async () => {
      const mine = ++asked;
      const pos = view.state.selection.main.head;
      const found = (await help()?.signature(pos)) ?? null;
      const isStill = mine === asked && view.state.selection.main.head === pos;
      const isShown = view.state.field(shownSignature, false) != null;
      if (isStill && (found || isShown)) view.dispatch({ effects: showSignature.of(found && { pos, signature: found }) });
    };
    return {
      update(update) {
        if (!help()) return;
        const isShown = update.state.field(shownSignature, false) != null;
        const typed = update.docChanged && update.transactions.some((one) => one.isUserEvent("input"));
        const { head } = update.state.selection.main;
        const isTrigger = typed && /[(,]\s?$/.test(update.state.sliceDoc(Math.max(0, head - 2), head));
        if (isTrigger || (isShown && (update.docChanged || update.selectionSet))) void ask();
      },
    };
  });
}

/** Text of a language server as text: a signature above, what its docstring says below. */
function helpElement(text: string): HTMLElement {
  const dom = document.createElement("div");
  dom.className = "cm-help";
  const [head = "", ...rest] = text.split(/\n-{3,}\n/);
  dom.append(part("cm-help-code", head.slice(0, MOST_TEXT)));
  if (rest.length) dom.append(part("cm-help-text", flowing(rest.join("\n\n").slice(0, MOST_TEXT))));
  return dom;
}

/** A docstring whose sentences flow: a line that goes on in the next one does not end there. */
export function flowing(text: string): string {
  return text.replace(/``/g, "").replace(/(\S)\n(?=[ \t]{0,4}[a-z(])/g, "$1 ");
}

function signatureElement({ before, parameter, after }: Signature): HTMLElement {
  const dom = part("cm-help cm-help-code", before);
  const strong = document.createElement("strong");
  strong.textContent = parameter;
  dom.append(strong, after);
  return dom;
}

function part(className: string, text: string): HTMLElement {
  const dom = document.createElement("div");
  dom.className = className;
  dom.textContent = text;
  return dom;
}

function optionOf(item: Record<string, unknown>): Completion | null {
  const label = String(item.label ?? "");
  if (!label || isOurs(label)) return null;
  const whole = typeof item.detail === "string" && item.detail !== UNKNOWN ? item.detail.replace(/^bound method /, "").replace(/\s+/g, " ") : "";
  const detail = detailOf(label, whole);
  const { documentation } = item;
  const told = typeof documentation === "string" ? documentation : isObject(documentation) ? String(documentation.value ?? "") : "";
  const name = typeof item.insertText === "string" ? item.insertText : label;
  return {
    label,
    apply: name,
    type: KINDS[Number(item.kind ?? 0)] || "text",
    detail: detail.length > MOST_DETAIL ? `${detail.slice(0, MOST_DETAIL)}…` : detail,
    // what begins with a line is for the insides of a library
    boost: label.startsWith("__") ? -50 : label.startsWith("_") ? -20 : 0,
    info: told || detail.length > MOST_DETAIL ? () => helpElement(told ? `${whole}\n---\n${told}` : whole) : undefined,
  };
}

/** What stands beside a name in the list: it need not say the name again. */
export function detailOf(label: string, whole: string): string {
  const at = whole.indexOf(`${label}(`);
  return at < 0 ? whole.replace(/^Overload\[/, "") : whole.slice(at + label.length);
}

function isInText(context: CompletionContext): boolean {
  return /String|Comment/.test(syntaxTree(context.state).resolveInner(context.pos, -1).name);
}

function placeOf(doc: Text, pos: number): Place {
  const line = doc.lineAt(pos);
  return { line: line.number - 1, character: pos - line.from };
}

function offsetOf(doc: Text, { line, character }: Place): number {
  if (line >= doc.lines) return doc.length;
  const found = doc.line(line + 1);
  return Math.min(found.from + character, found.to);
}

function rangeOf(value: unknown): { start: Place; end: Place } | null {
  if (!isObject(value) || !isObject(value.start) || !isObject(value.end)) return null;
  const place = (one: Record<string, unknown>) => ({ line: Number(one.line), character: Number(one.character) });
  return { start: place(value.start), end: place(value.end) };
}
