import { useEffect, useRef } from "react";
import type { Draft } from "../../features/draft/useDraft";
import { copyText } from "../../graph/clipboard";
import type { GraphDocument } from "../../graph/document";
import { setDisabled } from "../../graph/edits";
import type { Catalogue } from "../../graph/module";
import { t } from "../../i18n/i18n";

interface Keys {
  draft: Draft;
  graph: GraphDocument;
  catalogue: Catalogue;
  selection: ReadonlySet<string>;
  isBusy: boolean;
  setSelection: (nodes: ReadonlySet<string>) => void;
  setSaid: (words: string) => void;
  copy: () => void;
  pasteText: (text: string) => void;
  remove: (nodes: ReadonlySet<string>) => void;
  rename: (node: string) => void;
  showKeys: () => void;
}

/** Keys that work wherever the focus is, but never take a letter from a field. */
export function useShortcuts(keys: Keys): void {
  const now = useRef(keys);
  now.current = keys;
  useEffect(() => {
    const isTyping = (event: Event) => {
      const [first] = event.composedPath();
      return first instanceof HTMLElement && (first.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(first.tagName));
    };
    const onKey = (event: KeyboardEvent) => {
      const { draft, graph, selection, isBusy } = now.current;
      if (isBusy) return;
      const isCommand = event.ctrlKey || event.metaKey;
      const key = event.key.toLowerCase();
      if (event.key === "F5" && !isCommand) {
        if (!draft.isRunning) void draft.run();
      } else if (isCommand && key === "s") void draft.save();
      else if (isTyping(event)) return;
      else if (isCommand && event.key === "Enter") {
        const chosen = [...selection].filter((node) => graph.nodes[node]?.module);
        if (!draft.isRunning) void draft.run(chosen);
      } else if (isCommand && key === "z") (event.shiftKey ? draft.redo : draft.undo)();
      else if (isCommand && key === "y") draft.redo();
      else if (isCommand && key === "a") now.current.setSelection(new Set(Object.keys(graph.nodes)));
      else if (isCommand && key === "d") now.current.pasteText(copyText(graph, now.current.catalogue, selection));
      else if (event.key === "F2" && selection.size === 1) now.current.rename([...selection][0] ?? "");
      else if (event.key === "d" && !isCommand && selection.size) {
        const isOn = [...selection].every((node) => graph.nodes[node]?.disabled);
        draft.change((before) => setDisabled(before, selection, !isOn));
      } else if (event.key === "?") now.current.showKeys();
      else return;
      event.preventDefault();
    };
    const onCopy = (event: ClipboardEvent) => {
      const { graph, catalogue, selection, isBusy } = now.current;
      if (isBusy || isTyping(event) || !selection.size || getSelection()?.toString()) return;
      event.clipboardData?.setData("text/plain", copyText(graph, catalogue, selection));
      now.current.setSaid(t("say.copied", { count: selection.size }));
      event.preventDefault();
      if (event.type === "cut") now.current.remove(selection);
    };
    const onPaste = (event: ClipboardEvent) => {
      if (now.current.isBusy || isTyping(event)) return;
      now.current.pasteText(event.clipboardData?.getData("text/plain") ?? "");
    };
    addEventListener("keydown", onKey);
    addEventListener("copy", onCopy);
    addEventListener("cut", onCopy);
    addEventListener("paste", onPaste);
    return () => {
      removeEventListener("keydown", onKey);
      removeEventListener("copy", onCopy);
      removeEventListener("cut", onCopy);
      removeEventListener("paste", onPaste);
    };
  }, []);
}
