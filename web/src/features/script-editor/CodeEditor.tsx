import { lazy, Suspense } from "react";
import type { SourceProps } from "./SourceView";

const SourceView = lazy(async () => ({ default: (await import("./SourceView")).SourceView }));

/** The script editor; CodeMirror comes when the first one is shown. */
export function CodeEditor(props: SourceProps) {
  return (
    <Suspense fallback={<pre className="code code-waiting">{props.text}</pre>}>
      <SourceView {...props} />
    </Suspense>
  );
}
