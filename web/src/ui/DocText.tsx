import { Fragment } from "react";

/** A sentence of a module's description; what stands between back quotes is code. */
export function DocText({ text }: { text: string }) {
  return (
    <>
      {text.split(/(`[^`\n]+`)/).map((part, place) => (part.length > 2 && part.startsWith("`") && part.endsWith("`") ? <code key={place}>{part.slice(1, -1)}</code> : <Fragment key={place}>{part}</Fragment>))}
    </>
  );
}
