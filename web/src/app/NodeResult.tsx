import type { NodeMark } from "../features/draft/useDraft";
import { canVisualize } from "../graph/data-type";
import { Images } from "../features/dataset-preview/Images";
import { PreparingLine } from "../features/runs/PreparingLine";
import { formatSeconds, secondsBetween, t } from "../i18n/i18n";
import { Button } from "../ui/Button";
import { Problems } from "../ui/Problems";
import { holds, StateMark } from "../ui/StateMark";

interface Props {
  mark: NodeMark | undefined;
  onVisualize: (port: string) => void;
  onLog: () => void;
}

/** What became of the chosen module when it was last run. */
export function NodeResult({ mark, onVisualize, onLog }: Props) {
  const run = mark?.status?.node_run;
  if (!mark || (!run && (mark.mark === "draft" || mark.mark === "disabled"))) return null;
  const isOld = !holds(mark.mark);
  const images = (run?.others ?? []).filter((one) => one.role === "image");
  return (
    <section className="result" aria-label={t("result.label")}>
      <div className="row">
        <StateMark mark={mark.mark} />
        {run?.started_at && run.ended_at && <span className="small muted">{formatSeconds(secondsBetween(run.started_at, run.ended_at))}</span>}
        {run && mark.mark !== "disabled" && (
          <Button small look="plain" className="end" onClick={onLog}>
            {t("menu.log")}
          </Button>
        )}
      </div>
      {mark.mark === "preparing" && run && <PreparingLine run={run.run} node={run.node} />}
      {isOld && run && mark.mark !== "disabled" && <p className="small muted">{t("result.stale")}</p>}
      {!isOld && run?.problem && <Problems problems={[run.problem]} />}
      {!isOld && (
        <div className="row wrap">
          {Object.entries(run?.outputs ?? {})
            .filter(([, artifact]) => canVisualize(artifact.type))
            .map(([port]) => (
              <Button key={port} small icon="eye" onClick={() => onVisualize(port)}>
                {t("result.visualize", { port })}
              </Button>
            ))}
        </div>
      )}
      {!isOld && images.length > 0 && <Images images={images} />}
      {!isOld && (run?.notices ?? []).map((notice) => (
        <p key={notice} className="small muted">
          {notice}
        </p>
      ))}
    </section>
  );
}
