import type { ReactNode } from "react";

/** The frame of a page: a heading, what can be done, and the content. */
export function Page({ title, lead, actions, children }: { title: string; lead?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  return (
    <main className="page" id="main" tabIndex={-1}>
      <header className="page-head">
        <div className="grow stack">
          <h1>{title}</h1>
          {lead && <div className="muted page-lead">{lead}</div>}
        </div>
        <div className="row wrap">{actions}</div>
      </header>
      {children}
    </main>
  );
}

/** What stands in place of a list that is empty: says what belongs here and offers the first step. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="card empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <p className="muted loading" role="status">
      {what}
    </p>
  );
}
