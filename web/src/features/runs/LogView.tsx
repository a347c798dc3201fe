import "./runs.css";
import { useEffect, useMemo, useRef, useState } from "react";
import { followLog } from "../../api/follow";
import { formatCount, t } from "../../i18n/i18n";
import { Button } from "../../ui/Button";
import { saveFile } from "../../ui/save-file";
import { ansiParts, plainText } from "./ansi";

const LINE = 19;
const MORE = 30;
const GATHER_MS = 60;

interface Props {
  run: string;
  node: string;
  isLive: boolean;
}

/** The log of a node: only the lines in sight are drawn, so length does not matter. */
export function LogView({ run, node, isLive }: Props) {
  const [stream, setStream] = useState<"stdout" | "stderr">("stdout");
  const [text, setText] = useState("");
  const [error, setError] = useState("");
  const [find, setFind] = useState("");
  const [isFollowing, setFollowing] = useState(isLive);
  const [top, setTop] = useState(0);
  const [tall, setTall] = useState(400);
  const box = useRef<HTMLDivElement>(null);

  useEffect(() => {
    setText("");
    setError("");
    let waiting = "";
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = () => {
      timer = undefined;
      const more = waiting;
      waiting = "";
      setText((before) => before + more);
    };
    const stop = followLog(
      run,
      node,
      stream,
      (more) => {
        // a long log comes in many pieces: they are shown together
        waiting += more;
        timer ??= setTimeout(show, GATHER_MS);
      },
      (isWhole) => {
        if (!isWhole) setError(t("log.notThere"));
      },
    );
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [run, node, stream]);

  const lines = useMemo(() => (text ? text.replace(/\n$/, "").split("\n") : []), [text]);
  const hits = useMemo(() => {
    const wanted = find.toLowerCase();
    return wanted ? lines.flatMap((line, place) => (plainText(line).toLowerCase().includes(wanted) ? [place] : [])) : [];
  }, [lines, find]);
  const fault = useMemo(() => lines.findIndex((line) => /^Traceback \(most recent|^\w*(Error|Exception)\b/.test(line)), [lines]);

  const go = (line: number) => {
    setFollowing(false);
    if (box.current) box.current.scrollTop = Math.max(0, line * LINE - tall / 3);
  };
  useEffect(() => {
    if (isFollowing && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines, isFollowing]);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const watch = new ResizeObserver(() => setTall(element.clientHeight));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);

  const first = Math.max(0, Math.floor(top / LINE) - MORE);
  const last = Math.min(lines.length, Math.ceil((top + tall) / LINE) + MORE);
  const here = hits.findIndex((line) => line * LINE > top + tall / 3 + 1);
  return (
    <div className="log">
      <div className="row wrap log-tools">
        <select className="select narrow" aria-label={t("log.stream")} value={stream} onChange={(event) => setStream(event.target.value as "stdout")}>
          <option value="stdout">{t("log.stdout")}</option>
          <option value="stderr">{t("log.stderr")}</option>
        </select>
        <input
          className="input log-find"
          type="search"
          placeholder={t("log.find")}
          aria-label={t("log.find")}
          value={find}
          onChange={(event) => setFind(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && hits.length) go(hits[Math.max(0, here)] ?? hits[0] ?? 0);
          }}
        />
        {find && <span className="small muted">{t("log.hits", { count: formatCount(hits.length) })}</span>}
        <span className="grow" />
        {fault >= 0 && (
          <Button small icon="cross" onClick={() => go(fault)}>
            {t("log.toError")}
          </Button>
        )}
        <Button small onClick={() => go(0)}>
          {t("log.top")}
        </Button>
        <Button small aria-pressed={isFollowing} onClick={() => setFollowing(!isFollowing)}>
          {t(isLive ? "log.follow" : "log.bottom")}
        </Button>
        <Button small icon="download" onClick={() => saveFile(new Blob([text], { type: "text/plain" }), `${node}-${stream}.txt`)}>
          {t("ui.download")}
        </Button>
      </div>
      {error && <p className="note bad">{error}</p>}
      <div
        ref={box}
        className="log-lines"
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={t("log.label", { node })}
        onScroll={(event) => {
          setTop(event.currentTarget.scrollTop);
          const isEnd = event.currentTarget.scrollTop + event.currentTarget.clientHeight > event.currentTarget.scrollHeight - LINE;
          if (!isEnd && isFollowing) setFollowing(false);
        }}
      >
        <div className="log-inner" style={{ height: lines.length * LINE }}>
          <div style={{ transform: `translateY(${first * LINE}px)` }}>
            {lines.slice(first, last).map((line, place) => (
              <div key={first + place} className={`log-line ${find && hits.includes(first + place) ? "hit" : ""}`}>
                <span className="log-number" aria-hidden="true">
                  {first + place + 1}
                </span>
                <span>
                  {ansiParts(line.slice(0, 4000)).map((part, at) => (
                    <span key={at} className={part.look}>
                      {part.text}
                    </span>
                  ))}
                </span>
              </div>
            ))}
          </div>
        </div>
        {!lines.length && !error && <p className="muted small log-empty">{t(isLive ? "log.waiting" : "log.empty")}</p>}
      </div>
    </div>
  );
}
