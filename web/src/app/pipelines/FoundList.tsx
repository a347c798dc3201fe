import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { problemsIn } from "../../api/client";
import { t } from "../../i18n/i18n";
import type { ListColumn } from "../../ui/ListTable";
import { ListTable } from "../../ui/ListTable";
import { Empty, Loading } from "../../ui/Page";
import { Problems } from "../../ui/Problems";

interface Props<T> {
  found: UseQueryResult<readonly T[]>;
  /** What of it stands there; all without this. */
  rows?: readonly T[];
  label: string;
  columns: readonly ListColumn<T>[];
  keyOf: (row: T) => string;
  empty: { title: string; children: ReactNode };
}

/** A list under one of the tabs of the pipelines' page: what was asked for, or why it is not there. */
export function FoundList<T>({ found, rows, label, columns, keyOf, empty }: Props<T>) {
  if (found.isPending) return <Loading what={t("ui.loading")} />;
  if (found.error) return <Problems problems={problemsIn(found.error)} />;
  const all = rows ?? found.data;
  if (!all.length) return <Empty title={empty.title}>{empty.children}</Empty>;
  return <ListTable label={label} rows={all} columns={columns} keyOf={keyOf} />;
}
