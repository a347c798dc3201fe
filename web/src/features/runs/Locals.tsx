import { useQuery } from "@tanstack/react-query";
import { contentAddress } from "../../api/queries";
import type { Artifact, NodeRun } from "../../api/shapes";
import { plainText } from "./ansi";
import { t } from "../../i18n/i18n";

/** runner/local_values.py, checked by compute/locals_file.py. */
interface Told {
  errors: {
    error: string;
    frames: { file: string; line: number; function: string; locals: [name: string, type: string, text: string][]; left_out: number }[];
  }[];
}

/** What the variables of a failed script held, frame by frame: the last one is open, for it is where it failed. */
export function Locals({ node }: { node: NodeRun | undefined }) {
  const kept = (node?.others ?? []).find((one) => one.role === "locals");
  const told = useLocals(kept).data;
  if (!told?.errors.length) return null;
  return (
    <section className="stack locals" aria-label={t("locals.title")}>
      <h3>{t("locals.title")}</h3>
      {told.errors.map(({ error, frames }, place) => (
        <div key={place} className="stack">
          {told.errors.length > 1 && <p className="small muted">{place === 0 ? error : t("locals.cause", { error })}</p>}
          {frames.map((frame, depth) => (
            <details key={depth} open={place === 0 && depth === frames.length - 1}>
              <summary>
                <span className="mono">{plainText(frame.function)}</span>{" "}
                <span className="small muted mono">
                  {plainText(frame.file)}:{frame.line}
                </span>{" "}
                <span className="small muted">{t("locals.count", { count: frame.locals.length })}</span>
              </summary>
              {frame.locals.length > 0 && (
                <table className="list small">
                  <tbody>
                    {frame.locals.map(([name, type, text]) => (
                      <tr key={name}>
                        <th scope="row">
                          <span className="mono">{plainText(name)}</span>
                          <div className="muted">{plainText(type)}</div>
                        </th>
                        <td>
                          <pre className="local-value" tabIndex={0} role="group" aria-label={name}>{text.split("\n").map(plainText).join("\n")}</pre>
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              )}
              {frame.left_out > 0 && <p className="small muted">{t("locals.leftOut", { count: frame.left_out })}</p>}
            </details>
          ))}
        </div>
      ))}
    </section>
  );
}

function useLocals(artifact: Artifact | undefined) {
  return useQuery({
    queryKey: ["locals", artifact?.digest],
    enabled: artifact !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => {
      const reply = await fetch(contentAddress(artifact as Artifact, "raw", "locals.json"));
      if (!reply.ok) throw new Error(String(reply.status));
      return (await reply.json()) as Told;
    },
  });
}
