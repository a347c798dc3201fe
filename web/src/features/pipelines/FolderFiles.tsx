import { useQuery } from "@tanstack/react-query";
import { address, post, problemsIn } from "../../api/client";
import type { Artifact } from "../../api/shapes";
import { formatBytes, t } from "../../i18n/i18n";
import { Problems } from "../../ui/Problems";

const MOST = 200;

interface Folder {
  files?: { path: string; digest: string; size: number }[];
}

/** The files of a folder that a step wrote, each to be downloaded. */
export function FolderFiles({ artifact }: { artifact: Artifact }) {
  const found = useQuery({
    queryKey: ["folder", artifact.digest],
    queryFn: () => post<Folder>("/folders/list", { artifact }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const files = found.data?.files ?? [];
  return (
    <div className="folder-files">
      {found.error && <Problems problems={problemsIn(found.error)} />}
      {found.data && !files.length && <p className="muted small">{t("pipelines.emptyFolder")}</p>}
      <ul className="plain-list">
        {files.slice(0, MOST).map((file) => (
          <li key={file.path}>
            <a className="mono grow cut" href={address(`/artifacts/${file.digest}/content`, { type: "File", format: "raw", name: file.path.split("/").at(-1) })} download>
              {file.path}
            </a>
            <span className="small muted">{formatBytes(file.size)}</span>
          </li>
        ))}
      </ul>
      {files.length > MOST && <p className="muted small">{t("pipelines.moreFiles", { count: files.length - MOST })}</p>}
    </div>
  );
}
