import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { get, post, problemsIn, remove } from "../api/client";
import { queries } from "../api/queries";
import type { BuildLog, EnvironmentView } from "../api/shapes";
import { formatBytes, formatSeconds, formatTime, t } from "../i18n/i18n";
import { Button, IconButton } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import type { IconName } from "../ui/Icon";
import { Icon } from "../ui/Icon";
import { ListPage } from "../ui/ListPage";
import type { ListColumn } from "../ui/ListTable";
import { Problems } from "../ui/Problems";
import { AskDialog } from "./AskDialog";
import { go } from "./router";

const LOOKS: Record<EnvironmentView["state"], { look: string; icon: IconName }> = {
  built: { look: "completed", icon: "done" },
  building: { look: "running", icon: "clock" },
  failed: { look: "failed", icon: "cross" },
  "not built": { look: "skipped", icon: "dashed" },
};
const LOOK_AGAIN_MS = 1500;

export function useEnvironments() {
  return useQuery({
    queryKey: ["environments"],
    queryFn: async () => (await get<{ environments: EnvironmentView[] }>("/environments")).environments,
    refetchInterval: (query) => (query.state.data?.some((one) => one.state === "building") ? LOOK_AGAIN_MS : false),
  });
}

export function EnvironmentsPage({ shown }: { shown: string | null }) {
  const found = useEnvironments();
  const [gone, setGone] = useState<EnvironmentView | null>(null);
  const build = useMutation({
    mutationFn: (digest: string) => post("/environments/build", { digest }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["environments"] }),
  });
  const look = found.data?.find((one) => one.digest === shown);
  const columns: ListColumn<EnvironmentView>[] = [
    {
      title: t("ui.name"),
      cell: (one) => (
        <>
          <button type="button" className="link-button" onClick={() => go(`/environments?digest=${encodeURIComponent(one.digest)}`)}>
            {nameOf(one)}
          </button>
          <div className="small muted">{t(`environments.kind.${one.kind}`)}</div>
        </>
      ),
    },
    {
      title: t("runs.state"),
      cell: (one) => (
        <div className="stack">
          <EnvironmentMark state={one.state} />
          {one.state === "building" && <progress aria-label={t("environments.buildingOf", { name: nameOf(one) })} />}
          {one.why_not && one.state !== "built" && <span className="small muted">{one.why_not}</span>}
        </div>
      ),
    },
    { title: "Python", isNumber: true, cell: (one) => one.python.replace(/^==|\.\*$/g, "") },
    { title: t("environments.packages"), isNumber: true, cell: (one) => (one.installed ?? one.wishes ?? []).length },
    { title: t("datasets.size"), isNumber: true, cell: (one) => (one.size_bytes ? formatBytes(one.size_bytes) : "") },
    { title: t("environments.used"), isMuted: true, cell: (one) => (one.last_used ? formatTime(one.last_used) : "") },
    {
      title: t("ui.actions"),
      isBare: true,
      isNumber: true,
      cell: (one) => (
        <>
          {(one.state === "not built" || one.state === "failed") && (
            <Button small disabled={build.isPending} onClick={() => build.mutate(one.digest)}>
              {t("environments.build")}
            </Button>
          )}
          {one.in_use && <span className="small muted">{t("environments.isInUse")}</span>}
          {one.state === "built" && !one.in_use && <IconButton small icon="trash" label={t("environments.remove", { name: nameOf(one) })} onClick={() => setGone(one)} />}
        </>
      ),
    },
  ];
  return (
    <ListPage
      title={t("nav.environments")}
      lead={t("environments.lead")}
      rows={found.data}
      problems={[...(found.error ? problemsIn(found.error) : []), ...(build.error ? problemsIn(build.error) : [])]}
      columns={columns}
      keyOf={(one) => one.digest}
      search={{ label: t("environments.search"), textOf: (one) => [...one.names, ...(one.wishes ?? []), ...(one.installed ?? [])].join(" ") }}
      empty={{ title: t("nav.environments"), children: null }}
    >
      {look && <EnvironmentDialog environment={look} onClose={() => go("/environments")} />}
      {gone && (
        <AskDialog
          title={t("environments.removeTitle")}
          verb={t("ui.delete")}
          onClose={() => setGone(null)}
          onDo={async () => {
            await remove("/environments", { digest: gone.digest });
            await queries.invalidateQueries({ queryKey: ["environments"] });
          }}
        >
          <p>{t("environments.removeText", { name: nameOf(gone), size: formatBytes(gone.size_bytes ?? 0) })}</p>
        </AskDialog>
      )}
    </ListPage>
  );
}

/** Its names, or what it asks for where it has none of its own. */
export function nameOf(one: EnvironmentView): string {
  if (one.kind !== "own") return one.names.join(", ");
  const wishes = (one.wishes ?? []).filter((wish) => !["pandas<3", "numpy<2"].includes(wish));
  return wishes.slice(0, 3).join(", ") + (wishes.length > 3 ? "…" : "") || t("environments.noPackages");
}

function EnvironmentMark({ state }: { state: EnvironmentView["state"] }) {
  return (
    <span className={`state ${LOOKS[state].look}`}>
      <Icon name={LOOKS[state].icon} /> {t(`environments.state.${state}` as "environments.state.built")}
    </span>
  );
}

/** What is in an environment, what was asked for, and what its build said. */
function EnvironmentDialog({ environment, onClose }: { environment: EnvironmentView; onClose: () => void }) {
  const installed = environment.installed ?? [];
  const [text, setText] = useState("");
  const packages = (installed.length ? installed : (environment.wishes ?? [])).filter((one) => one.toLowerCase().includes(text.toLowerCase()));
  return (
    <Dialog title={nameOf(environment)} size="middle" onClose={onClose}>
      <div className="stack-5">
        {environment.problem && <Problems problems={[{ code: "", message: environment.problem }]} />}
        <dl className="facts">
          <dt>{t("runs.state")}</dt>
          <dd>
            <EnvironmentMark state={environment.state} />
          </dd>
          <dt>Python</dt>
          <dd>{environment.python.replace(/^==|\.\*$/g, "")}</dd>
          {environment.built_at && (
            <>
              <dt>{t("environments.builtAt")}</dt>
              <dd>
                {formatTime(environment.built_at)}
                {environment.build_s ? ` (${formatSeconds(environment.build_s)})` : ""}
              </dd>
            </>
          )}
          {environment.wishes && environment.kind !== "built-in" && (
            <>
              <dt>{t("environments.asked")}</dt>
              <dd className="mono">{environment.wishes.join(", ")}</dd>
            </>
          )}
          {environment.in_use && (
            <>
              <dt>{t("environments.inUse")}</dt>
              <dd>{t("environments.inUseText")}</dd>
            </>
          )}
        </dl>
        {environment.names[0] !== "current" && <BuildLogView digest={environment.digest} state={environment.state} />}
        <section className="stack">
          <h3>{t(installed.length ? "environments.installed" : "environments.wished")}</h3>
          <input className="input" type="search" value={text} placeholder={t("environments.findPackage")} aria-label={t("environments.findPackage")} onChange={(event) => setText(event.target.value)} />
          <ul className="package-list mono">
            {packages.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </section>
      </div>
    </Dialog>
  );
}

/** The log of the last build; while it goes on, its end stays in sight. */
function BuildLogView({ digest, state }: { digest: string; state: EnvironmentView["state"] }) {
  const found = useQuery({
    queryKey: ["build-log", digest, state],
    queryFn: () => get<BuildLog>("/environments/log", { digest }),
    refetchInterval: state === "building" ? LOOK_AGAIN_MS : false,
  });
  const box = useRef<HTMLPreElement>(null);
  const text = found.data?.text ?? "";
  useEffect(() => {
    if (state === "building" && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text, state]);
  if (!text) return null;
  return (
    <section className="stack">
      <h3>{t("environments.log")}</h3>
      {state === "building" && <progress aria-label={t("environments.state.building")} />}
      <pre ref={box} className="code build-log" tabIndex={0}>
        {text}
      </pre>
    </section>
  );
}
