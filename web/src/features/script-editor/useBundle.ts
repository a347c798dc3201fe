import { useEffect, useMemo, useRef, useState } from "react";
import { problemsIn, post, upload } from "../../api/client";
import { contentAddress, queries } from "../../api/queries";
import type { Artifact, Dataset } from "../../api/shapes";
import type { ZipEntry } from "../../graph/zip";
import { contentOf, entryOf, readZip, writeZip } from "../../graph/zip";

const MOST_TEXT = 1024 ** 2; // bytes of a file that is shown

export interface Bundle {
  /** Names in order; also of files that are not saved yet. */
  names: string[];
  /** Why there is nothing to show. */
  why: string;
  isLoading: boolean;
  changed: number;
  isSaving: boolean;
  textOf: (name: string) => string | undefined;
  /** Bytes of a file that is no text. */
  sizeOf: (name: string) => number;
  open: (name: string) => Promise<void>;
  write: (name: string, text: string) => void;
  remove: (name: string) => void;
  save: (dataset: string) => Promise<Dataset | null>;
}

/** The files of a zip, and what was changed of them since it was saved. */
export function useBundle(artifact: Artifact | undefined): Bundle {
  const [entries, setEntries] = useState<ZipEntry[]>([]);
  const [texts, setTexts] = useState<ReadonlyMap<string, string>>(new Map());
  const [written, setWritten] = useState<ReadonlyMap<string, string | null>>(new Map()); // null: removed
  const [why, setWhy] = useState("");
  const [isLoading, setLoading] = useState(false);
  const [isSaving, setSaving] = useState(false);
  const saved = useRef<ReadonlyMap<string, string>>(new Map()); // texts that outlive a change of the zip: ours
  const digest = artifact?.digest;

  useEffect(() => {
    setWhy("");
    setTexts(saved.current);
    if (!artifact) {
      setEntries([]);
      return;
    }
    saved.current = new Map();
    let isOver = false;
    setLoading(true);
    fetch(contentAddress(artifact, "raw", "bundle.zip"))
      .then(async (reply) => (reply.ok ? readZip(await reply.arrayBuffer()) : Promise.reject(new Error(String(reply.status)))))
      .then((found) => !isOver && setEntries(found))
      .catch((error: unknown) => !isOver && setWhy(error instanceof Error ? error.message : String(error)))
      .finally(() => !isOver && setLoading(false));
    return () => {
      isOver = true;
    };
  }, [digest]);

  const names = useMemo(() => {
    const found = new Set(entries.map((entry) => entry.name));
    for (const [name, text] of written) text === null ? found.delete(name) : found.add(name);
    return [...found].sort();
  }, [entries, written]);

  return {
    names,
    why,
    isLoading,
    changed: written.size,
    isSaving,
    textOf: (name) => written.get(name) ?? texts.get(name),
    sizeOf: (name) => entries.find((entry) => entry.name === name)?.size ?? 0,
    open: async (name) => {
      const entry = entries.find((one) => one.name === name);
      if (!entry || entry.size > MOST_TEXT || written.has(name)) return;
      try {
        const text = new TextDecoder("utf-8", { fatal: true }).decode(await contentOf(entry));
        if (!text.includes("\u0000")) setTexts((now) => new Map(now).set(name, text));
      } catch (error) {
        if (!(error instanceof TypeError)) setWhy(error instanceof Error ? error.message : String(error)); // else: no text
      }
    },
    write: (name, text) => setWritten((now) => new Map(now).set(name, text)),
    remove: (name) => setWritten((now) => new Map(now).set(name, null)),
    save: async (dataset) => {
      setSaving(true);
      try {
        const texted = [...written].filter((one): one is [string, string] => one[1] !== null);
        const fresh = await Promise.all(texted.map(([name, text]) => entryOf(name, text)));
        const kept = [...entries.filter((entry) => !written.has(entry.name)), ...fresh];
        const zip = writeZip(kept.sort((one, other) => (one.name < other.name ? -1 : 1)));
        const stored = await upload(zip, { name: `${dataset}.zip` }, () => undefined);
        const made = await post<Dataset>("/datasets", { name: dataset, artifact: stored });
        saved.current = new Map([...texts, ...texted]);
        setTexts(saved.current);
        setEntries(kept);
        setWritten(new Map());
        await queries.invalidateQueries({ queryKey: ["datasets"] });
        return made;
      } catch (error) {
        setWhy(problemsIn(error)[0]?.message ?? "");
        return null;
      } finally {
        setSaving(false);
      }
    },
  };
}
