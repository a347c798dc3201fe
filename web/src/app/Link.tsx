import type { AnchorHTMLAttributes } from "react";
import { go } from "./router";

/** A link inside the page; with a modifier key the browser does what it always does. */
export function Link({ href, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
  return (
    // the handler only takes over what the link itself would do
    <a
      href={href}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        go(href);
      }}
      {...rest}
    />
  );
}
