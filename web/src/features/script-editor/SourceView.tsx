import type { CompletionSource } from "@codemirror/autocomplete";
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { python, pythonLanguage, globalCompletion, localCompletionSource } from "@codemirror/lang-python";
import { sql, SQLite } from "@codemirror/lang-sql";
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, indentUnit, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { r } from "@codemirror/legacy-modes/mode/r";
import type { Diagnostic } from "@codemirror/lint";
import { forEachDiagnostic, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import type { Problem } from "../../api/shapes";
import { columnCompletion } from "./columns";
import type { LanguageWish } from "./language-client";
import { LanguageHelp, languageHelp, RUN } from "./language-help";

export interface ScriptFault {
  line: number;
  message: string;
}

export interface SourceProps {
  text: string;
  language: "python" | "r" | "sql" | "text";
  label: string;
  /** Columns of the tables that enter, in the order of the ports. */
  columns?: readonly (readonly string[])[];
  fault?: ScriptFault | null;
  /** Surroundings of the script for its language server; without them there is none. */
  help?: LanguageWish;
  /** Why there is no language server; null once there is one. */
  onHelp?: (problem: Problem | null) => void;
  isReadOnly?: boolean;
  /** Whether the editor takes the focus when it is there. */
  isFocused?: boolean;
  onChange?: (text: string) => void;
  onRun?: () => void;
}

const LOOK = EditorView.theme({
  "&": { height: "100%", backgroundColor: "var(--sheet)", color: "var(--ink)", fontSize: "13px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--ink)", padding: "8px 0" },
  ".cm-cursor": { borderLeftColor: "var(--ink)", borderLeftWidth: "2px" },
  ".cm-gutters": { backgroundColor: "var(--sheet)", color: "var(--ink-3)", border: "0" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--sheet-2) 70%, transparent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--accent) 26%, transparent)",
  },
  ".cm-matchingBracket": { backgroundColor: "var(--accent-soft)", outline: "1px solid var(--accent-line)" },
  ".cm-selectionMatch": { backgroundColor: "var(--warn-soft)" },
  ".cm-tooltip": { backgroundColor: "var(--sheet)", border: "1px solid var(--line-1)", borderRadius: "6px", boxShadow: "var(--shadow-2)", color: "var(--ink)" },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxHeight: "240px" },
  ".cm-tooltip-autocomplete > ul > li": { padding: "3px 8px" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent-soft)", color: "var(--ink)" },
  ".cm-completionDetail": { color: "var(--ink-3)", fontStyle: "normal", marginLeft: "12px" },
  ".cm-diagnostic": { padding: "6px 10px" },
  ".cm-diagnostic-error": { borderLeft: "3px solid var(--bad)" },
  // its own squiggle is a picture at a data: address, which the content policy forbids
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--bad) 1px", textUnderlineOffset: "3px" },
  ".cm-lintRange-warning": { backgroundImage: "none", textDecoration: "underline wavy var(--warn) 1px", textUnderlineOffset: "3px" },
  ".cm-diagnostic-warning": { borderLeft: "3px solid var(--warn)" },
  ".cm-diagnosticSource": { display: "none" },
  ".cm-help": { padding: "6px 10px", maxWidth: "560px", maxHeight: "280px", overflow: "auto", fontSize: "12px", lineHeight: "1.5" },
  ".cm-help-code": { fontFamily: "var(--mono)", whiteSpace: "pre-wrap", overflowWrap: "anywhere" },
  ".cm-help-text": { whiteSpace: "pre-wrap", color: "var(--ink-2)", marginTop: "6px", borderTop: "1px solid var(--line-1)", paddingTop: "6px" },
  ".cm-completionInfo": { padding: "0", maxWidth: "420px" },
  ".cm-faultLine": { backgroundColor: "var(--bad-soft)" },
  ".cm-panels": { backgroundColor: "var(--sheet-2)", color: "var(--ink)" },
  ".cm-panels input, .cm-panels button": { color: "var(--ink)" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--sheet-3)", border: "0", color: "var(--ink-2)" },
});

const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword], color: "var(--syn-keyword)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--syn-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--syn-number)" },
  { tag: [tags.comment, tags.lineComment], color: "var(--syn-comment)", fontStyle: "italic" },
  { tag: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className)], color: "var(--syn-name)", fontWeight: "600" },
  { tag: tags.function(tags.variableName), color: "var(--syn-name)" },
]);

function languageOf(name: SourceProps["language"], help: () => LanguageHelp | null) {
  if (name === "python") {
    // a language server knows all that these know
    const without = (source: CompletionSource): CompletionSource => (context) => (help()?.client.isReady ? null : source(context));
    return [
      python(),
      pythonLanguage.data.of({ autocomplete: without(localCompletionSource) }),
      pythonLanguage.data.of({ autocomplete: without(globalCompletion) }),
      pythonLanguage.data.of({ autocomplete: ((context) => help()?.complete(context) ?? null) satisfies CompletionSource }),
      languageHelp(help),
    ];
  }
  if (name === "sql") return sql({ dialect: SQLite });
  if (name === "r") return StreamLanguage.define(r);
  return [];
}

/**
 * Put what is typed in place of what is selected ourselves: the browser would keep the look of the text that
 * goes in a style attribute, which the content policy forbids and reports.
 */
function typeOverSelection(event: InputEvent, view: EditorView): boolean {
  const { data, inputType, isComposing } = event;
  const isPlain = inputType === "insertText" && data !== null && (data.length > 1 || !/["'([{]/.test(data)) && !isComposing;
  if (!isPlain || view.state.readOnly || view.state.selection.ranges.every((range) => range.empty)) return false;
  event.preventDefault();
  view.dispatch(view.state.replaceSelection(data), { userEvent: "input.type", scrollIntoView: true });
  return true;
}

/** CodeMirror with the colours of the page. Escape and then Tab leaves it. */
export function SourceView(props: SourceProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const help = useRef<LanguageHelp | null>(null);
  const now = useRef(props);
  now.current = props;
  useEffect(() => {
    if (!host.current) return;
    const lock = new Compartment();
    const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";
    const { language, label, isReadOnly } = now.current;
    const made = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: now.current.text,
        extensions: [
          EditorView.cspNonce.of(nonce),
          lineNumbers(),
          foldGutter(),
          history(),
          drawSelection(),
          indentOnInput(),
          indentUnit.of("    "),
          bracketMatching(),
          closeBrackets(),
          highlightActiveLine(),
          highlightActiveLineGutter(),
          highlightSelectionMatches(),
          EditorState.tabSize.of(4),
          lock.of(EditorState.readOnly.of(isReadOnly === true)),
          languageOf(language, () => help.current),
          language === "python"
            ? pythonLanguage.data.of({ autocomplete: columnCompletion(() => now.current.columns ?? []) })
            : [],
          autocompletion({ icons: false, activateOnTyping: true }),
          keymap.of([
            {
              key: "Mod-Enter",
              run: () => {
                now.current.onRun?.();
                return true;
              },
            },
            ...closeBracketsKeymap,
            ...completionKeymap,
            ...searchKeymap,
            ...historyKeymap,
            ...foldKeymap,
            ...defaultKeymap,
            indentWithTab,
          ]),
          syntaxHighlighting(COLOURS),
          LOOK,
          EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", tabindex: "0" }),
          EditorView.domEventHandlers({ beforeinput: typeOverSelection }),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return;
            now.current.onChange?.(update.state.doc.toString());
            help.current?.changed();
          }),
        ],
      }),
    });
    view.current = made;
    if (now.current.isFocused) made.focus();
    return () => made.destroy();
  }, []);

  const surroundings = props.help && JSON.stringify(props.help);
  useEffect(() => {
    const editor = view.current;
    if (!editor || surroundings === undefined) return;
    const made = new LanguageHelp(JSON.parse(surroundings) as LanguageWish, (problem) => now.current.onHelp?.(problem));
    help.current = made;
    made.attach(editor);
    return () => {
      help.current = null;
      made.close();
    };
  }, [surroundings]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === props.text) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: props.text } });
  }, [props.text]);

  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const { fault } = props;
    const isThere = fault && fault.line >= 1 && fault.line <= editor.state.doc.lines;
    const line = isThere ? editor.state.doc.line(fault.line) : null;
    const others: Diagnostic[] = [];
    forEachDiagnostic(editor.state, (one, from, to) => one.source !== RUN && others.push({ ...one, from, to }));
    const ofRun: Diagnostic[] =
      line && fault ? [{ from: line.from + (/^\s*/.exec(line.text)?.[0].length ?? 0) % (line.length || 1), to: Math.max(line.to, line.from), severity: "error", message: fault.message, source: RUN }] : [];
    editor.dispatch(setDiagnostics(editor.state, [...ofRun, ...others]));
    if (line) editor.dispatch({ effects: EditorView.scrollIntoView(line.from, { y: "center" }) });
  }, [props.fault?.line, props.fault?.message]);

  return <div ref={host} className="source" onKeyDown={(event) => event.key !== "Escape" && event.stopPropagation()} />;
}
