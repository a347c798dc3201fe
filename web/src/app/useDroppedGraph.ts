import { useEffect, useRef } from "react";

/** Tells of a graph file that is dropped anywhere on the page. */
export function useDroppedGraph(isWanted: boolean, onFile: (file: File) => void): void {
  const told = useRef(onFile);
  told.current = onFile;
  useEffect(() => {
    if (!isWanted) return;
    const over = (event: DragEvent) => {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    };
    const drop = (event: DragEvent) => {
      const [dropped] = event.dataTransfer?.files ?? [];
      if (!dropped || !/\.(json|ya?ml)$/i.test(dropped.name)) return;
      event.preventDefault();
      told.current(dropped);
    };
    addEventListener("dragover", over);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("drop", drop);
    };
  }, [isWanted]);
}
