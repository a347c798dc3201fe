import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { get, problemsIn } from "../api/client";
import type { Endpoint, ServiceUsage, UsagePoint, WebService } from "../api/shapes";
import { formatCount, formatNumber, formatTime, t } from "../i18n/i18n";
import { Button } from "../ui/Button";
import { Loading } from "../ui/Page";
import { Problems } from "../ui/Problems";
import "../features/evaluation/evaluation.css";

const SPANS = ["hour", "day", "week", "month"] as const;
type Span = (typeof SPANS)[number];
const LOOK_AGAIN_MS = 10_000;
const WIDTH = 1120;
const HEIGHT = 170;
const LEFT = 48;
const BOTTOM = 22;

/** How often an endpoint was called, how often it failed, and how quick it was. */
export function ServiceUsageView({ service, endpoint }: { service: WebService; endpoint: Endpoint }) {
  const [span, setSpan] = useState<Span>("day");
  const found = useQuery({
    queryKey: ["usage", service.id, endpoint.name, span],
    queryFn: () => get<ServiceUsage>(`/services/${encodeURIComponent(service.id)}/endpoints/${encodeURIComponent(endpoint.name)}/usage`, { span }),
    refetchInterval: LOOK_AGAIN_MS,
    placeholderData: (before) => before,
  });
  const usage = found.data;
  return (
    <div className="stack-5">
      <div className="row wrap" role="group" aria-label={t("usage.span")}>
        {SPANS.map((one) => (
          <Button key={one} small aria-pressed={span === one} onClick={() => setSpan(one)}>
            {t(`usage.${one}`)}
          </Button>
        ))}
      </div>
      {found.isPending && <Loading what={t("ui.loading")} />}
      {found.error && <Problems problems={problemsIn(found.error)} />}
      {usage && (
        <>
          <dl className="usage-figures">
            <Figure name={t("usage.calls")} value={formatCount(usage.total.calls)} />
            <Figure name={t("usage.errors")} value={formatCount(usage.total.errors)} />
            <Figure name={t("usage.p50")} value={milliseconds(usage.total.p50_ms)} />
            <Figure name={t("usage.p95")} value={milliseconds(usage.total.p95_ms)} />
          </dl>
          {usage.total.calls === 0 ? (
            <p className="muted">{t("usage.none")}</p>
          ) : (
            <>
              <Bars points={usage.points} />
              <Lines points={usage.points} />
            </>
          )}
          <p className="small muted">{t("usage.note")}</p>
        </>
      )}
    </div>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function milliseconds(value: number | null): string {
  return value === null ? "–" : `${formatNumber(value, 3)} ms`;
}

/** Calls in each part of the time; those that failed stand at the foot of the bar. */
function Bars({ points }: { points: readonly UsagePoint[] }) {
  const most = 2 * Math.ceil(Math.max(2, ...points.map((point) => point.calls)) / 2); // so that the middle is whole
  const step = (WIDTH - LEFT) / points.length;
  const tall = (calls: number) => (calls / most) * (HEIGHT - BOTTOM - 8);
  return (
    <figure className="stack">
      <figcaption className="label">{t("usage.callsOverTime")}</figcaption>
      <svg className="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={t("usage.callsOverTime")}>
        <Axis most={most} />
        {points.map((point, place) => (
          <g key={point.at}>
            <rect className="bar" x={LEFT + place * step + 1} width={Math.max(step - 2, 1)} y={HEIGHT - BOTTOM - tall(point.calls)} height={tall(point.calls)} />
            <rect className="bar bad" x={LEFT + place * step + 1} width={Math.max(step - 2, 1)} y={HEIGHT - BOTTOM - tall(point.errors)} height={tall(point.errors)} />
            <rect className="hover-target" x={LEFT + place * step} width={step} y={0} height={HEIGHT - BOTTOM}>
              <title>{`${formatTime(point.at)}: ${t("usage.barText", { calls: formatCount(point.calls), errors: formatCount(point.errors) })}`}</title>
            </rect>
          </g>
        ))}
        <Ends points={points} />
      </svg>
      <ul className="legend small">
        <li>
          <Swatch look="bar" /> {t("usage.calls")}
        </li>
        <li>
          <Swatch look="bar bad" /> {t("usage.errors")}
        </li>
      </ul>
    </figure>
  );
}

/** Half of the calls and 95 of 100 were quicker than this. */
function Lines({ points }: { points: readonly UsagePoint[] }) {
  const most = Math.max(1, ...points.map((point) => point.p95_ms ?? 0));
  const step = (WIDTH - LEFT) / points.length;
  const at = (place: number) => LEFT + (place + 0.5) * step;
  const up = (value: number) => HEIGHT - BOTTOM - (value / most) * (HEIGHT - BOTTOM - 8);
  const known = points.map((point, place) => ({ point, place })).filter(({ point }) => point.calls > 0);
  return (
    <figure className="stack">
      <figcaption className="label">{t("usage.latency")}</figcaption>
      <svg className="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={t("usage.latency")}>
        <Axis most={most} />
        {(["p50_ms", "p95_ms"] as const).map((key, which) => (
          <g key={key}>
            <polyline className={`line-${which + 1} usage-line`} points={known.map(({ point, place }) => `${at(place)},${up(point[key] ?? 0)}`).join(" ")} />
            {known.map(({ point, place }) => (
              <circle key={point.at} className={`dot-${which + 1}`} cx={at(place)} cy={up(point[key] ?? 0)} r="3">
                <title>{`${formatTime(point.at)}: ${milliseconds(point[key])}`}</title>
              </circle>
            ))}
          </g>
        ))}
        <Ends points={points} />
      </svg>
      <ul className="legend small">
        <li>
          <Swatch look="dot-1" /> {t("usage.p50")}
        </li>
        <li>
          <Swatch look="dot-2" /> {t("usage.p95")}
        </li>
      </ul>
    </figure>
  );
}

function Axis({ most }: { most: number }) {
  return (
    <>
      {[0, 0.5, 1].map((share) => {
        const y = HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - 8);
        return (
          <g key={share}>
            <line className="grid" x1={LEFT} x2={WIDTH} y1={y} y2={y} />
            <text x={LEFT - 6} y={y + 4} textAnchor="end">
              {formatNumber(most * share, 3)}
            </text>
          </g>
        );
      })}
    </>
  );
}

function Ends({ points }: { points: readonly UsagePoint[] }) {
  const [first, last] = [points[0], points.at(-1)];
  return (
    <>
      <text x={LEFT} y={HEIGHT - 5}>
        {first && formatTime(first.at)}
      </text>
      <text x={WIDTH} y={HEIGHT - 5} textAnchor="end">
        {last && formatTime(last.at)}
      </text>
    </>
  );
}

function Swatch({ look }: { look: string }) {
  return (
    <svg className="chart swatch" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
      <rect className={look} x="1" y="1" width="10" height="10" />
    </svg>
  );
}
