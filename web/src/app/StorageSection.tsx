import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { get, post, problemsIn } from "../api/client";
import { queries } from "../api/queries";
import type { CleanUp, StorageUse } from "../api/shapes";
import { formatBytes, formatCount, t } from "../i18n/i18n";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Loading } from "../ui/Page";
import { Problems } from "../ui/Problems";

const PARTS = ["results", "exports", "fetched", "logs", "damaged"] as const;
type Part = (typeof PARTS)[number];

/** What lies in the workspace's home, and the clean-up: looked at first, carried out when it was agreed to. */
export function StorageSection() {
  const found = useQuery({ queryKey: ["storage"], queryFn: () => get<StorageUse>("/storage/use"), staleTime: 30_000 });
  const [parts, setParts] = useState<ReadonlySet<Part>>(new Set(PARTS));
  const ask = useMutation({ mutationFn: (dry_run: boolean) => post<CleanUp>("/storage/clean", { parts: PARTS.filter((part) => parts.has(part)), dry_run }) });
  const kinds = [...(found.data?.kinds ?? [])].filter((kind) => kind.size_bytes > 0).sort((one, other) => other.size_bytes - one.size_bytes);
  const whole = kinds.reduce((sum, kind) => sum + kind.size_bytes, 0);
  const said = ask.data;
  const freed = (said?.parts ?? []).reduce((sum, part) => sum + part.size_bytes, 0);
  const flip = (part: Part) => {
    const next = new Set(parts);
    if (!next.delete(part)) next.add(part);
    setParts(next);
    ask.reset();
  };
  const carryOut = () => ask.mutate(false, { onSuccess: () => void queries.invalidateQueries({ queryKey: ["storage"] }) });
  return (
    <section className="card stack-3" aria-labelledby="storage-title">
      <h2 id="storage-title">{t("storage.title")}</h2>
      {found.isPending && <Loading what={t("storage.measuring")} />}
      {found.error && <Problems problems={problemsIn(found.error)} />}
      {found.data && (
        <>
          <p className="muted">{t("storage.whole", { size: formatBytes(whole), free: formatBytes(found.data.free_bytes) })}</p>
          <table className="weights">
            <caption className="hidden-text">{t("storage.title")}</caption>
            <tbody>
              {kinds.map((kind) => (
                <tr key={kind.kind}>
                  <th scope="row">{t(`storage.kind.${kind.kind}` as "storage.kind.runs")}</th>
                  <td className="bar-cell" aria-hidden="true">
                    <svg className="chart" viewBox="0 0 100 8" preserveAspectRatio="none" height="14">
                      <rect className={kind.kind === "unreachable" ? "bar against" : "bar"} x="0" y="1" width={Math.max((kind.size_bytes / (kinds[0]?.size_bytes || 1)) * 100, 0.4)} height="6" />
                    </svg>
                  </td>
                  <td className="num muted small">{kind.kind === "environments" ? "" : t("storage.files", { count: formatCount(kind.files) })}</td>
                  <td className="num">{formatBytes(kind.size_bytes)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
      <h3>{t("storage.clean")}</h3>
      <p className="muted">{t("storage.cleanText")}</p>
      <fieldset className="bare stack">
        <legend className="hidden-text">{t("storage.clean")}</legend>
        {PARTS.map((part) => {
          const told = said?.parts.find((one) => one.part === part);
          return (
            <label key={part} className="check">
              <input type="checkbox" checked={parts.has(part)} onChange={() => flip(part)} />
              <span className="grow">{t(`storage.part.${part}`)}</span>
              {told && (
                <span className="small muted num" title={(told.examples ?? []).join("\n")}>
                  {t("storage.files", { count: formatCount(told.files) })} · {formatBytes(told.size_bytes)}
                </span>
              )}
            </label>
          );
        })}
      </fieldset>
      {ask.error && <Problems problems={problemsIn(ask.error)} />}
      <div className="row wrap">
        <Button disabled={ask.isPending || parts.size === 0} onClick={() => ask.mutate(true)}>
          {t(ask.isPending ? "storage.looking" : "storage.look")}
        </Button>
        {said?.dry_run && freed > 0 && (
          <Button look="danger" icon="trash" disabled={ask.isPending} onClick={carryOut}>
            {t("storage.free", { size: formatBytes(freed) })}
          </Button>
        )}
        <span role="status" className="row small">
          {said?.dry_run && freed === 0 && t("storage.nothing")}
          {said && !said.dry_run && (
            <>
              <span className="state completed">
                <Icon name="done" />
              </span>
              {t("storage.freed", { size: formatBytes(freed) })}
            </>
          )}
        </span>
      </div>
    </section>
  );
}
