import { useQuery } from "@tanstack/react-query";
import { send } from "../../api/client";
import { t } from "../../i18n/i18n";

const LOOK_AGAIN_MS = 1000;

/** Why a node that is being prepared waits: the newest line of its environment's build. */
export function PreparingLine({ run, node }: { run: string; node: string }) {
  const found = useQuery({
    queryKey: ["environment-log", run, node],
    queryFn: async () => {
      const query = { node, stream: "environment" };
      const text = await (await send("GET", `/runs/${encodeURIComponent(run)}/log`, { query, headers: { Accept: "*/*" } })).text();
      return text.trimEnd().split("\n").at(-1) ?? "";
    },
    refetchInterval: LOOK_AGAIN_MS,
    retry: false,
  });
  return (
    <div className="stack preparing" role="status">
      <span className="small wrap-any">{t("environments.preparing", { line: found.data ?? "…" })}</span>
      <progress aria-label={t("environments.preparing", { line: "" })} />
      <span className="small muted">{t("result.preparing")}</span>
    </div>
  );
}
