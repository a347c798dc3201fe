import { problemsIn } from "../api/client";
import { useHistory } from "../api/queries";
import { formatTime, t } from "../i18n/i18n";
import { Dialog } from "../ui/Dialog";
import { Loading } from "../ui/Page";
import { Problems } from "../ui/Problems";
import type { Mark } from "../ui/StateMark";
import { StateMark } from "../ui/StateMark";
import { Link } from "./Link";

/** Every version of an experiment: each run, and the draft. */
export function HistoryDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const found = useHistory(id, true);
  return (
    <Dialog title={t("studio.history")} size="middle" onClose={onClose}>
      {found.isPending && <Loading what={t("ui.loading")} />}
      {found.error && <Problems problems={problemsIn(found.error)} />}
      <ul className="plain-list">
        {(found.data ?? []).map((one) => (
          <li key={one.id}>
            <StateMark mark={one.state as Mark} />
            <Link href={`/experiments/${one.id}`} className="grow" aria-current={one.id === id ? "true" : undefined}>
              {formatTime(one.changed_at)}
            </Link>
            {one.run && <Link href={`/runs/${one.run}`}>{t("history.run")}</Link>}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
