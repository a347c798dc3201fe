import { useId, useState } from "react";
import { isFileName } from "../../graph/zip";
import { t } from "../../i18n/i18n";
import { Button, IconButton } from "../../ui/Button";
import type { Bundle } from "./useBundle";

interface Props {
  bundle: Bundle;
  hasZip: boolean;
  isReadOnly: boolean;
  chosen: string | null;
  said: string;
  onOpen: (name: string) => void;
  onRemove: (name: string) => void;
  onSave: () => void;
}

/** The files of the zip at the port Script Bundle: open, add, remove, save. */
export function BundleFiles({ bundle, hasZip, isReadOnly, chosen, said, onOpen, onRemove, onSave }: Props) {
  const id = useId();
  const [name, setName] = useState("");
  const wish = name.trim();
  const isFree = isFileName(wish) && !bundle.names.includes(wish);
  const add = () => {
    bundle.write(wish, "");
    setName("");
    onOpen(wish);
  };
  return (
    <div className="stack-5">
      {!hasZip && !bundle.names.length && <p className="muted">{t("bundle.none")}</p>}
      {isReadOnly && <p className="muted">{t("bundle.computed")}</p>}
      {bundle.why && (
        <p className="note bad" role="alert">
          {t("bundle.broken", { why: bundle.why })}
        </p>
      )}
      {bundle.names.length > 0 && (
        <ul className="plain-list" aria-label={t("bundle.list")}>
          {bundle.names.map((one) => (
            <li key={one}>
              <button type="button" className="link-button grow mono" aria-current={one === chosen || undefined} onClick={() => onOpen(one)}>
                {one}
              </button>
              {!isReadOnly && <IconButton icon="trash" label={t("bundle.remove", { name: one })} onClick={() => onRemove(one)} />}
            </li>
          ))}
        </ul>
      )}
      {!isReadOnly && (
        <form
          className="field"
          onSubmit={(event) => {
            event.preventDefault();
            if (isFree) add();
          }}
        >
          <label htmlFor={id}>{t("bundle.newName")}</label>
          <div className="row">
            <input id={id} className="input mono grow" value={name} placeholder="helpers.py" spellCheck={false} onChange={(event) => setName(event.target.value)} />
            <Button type="submit" small disabled={!isFree}>
              {t("bundle.create")}
            </Button>
          </div>
          {wish !== "" && !isFree && <div className="hint">{t("bundle.badName")}</div>}
        </form>
      )}
      {bundle.changed > 0 && (
        <div className="row wrap">
          <Button look="primary" disabled={bundle.isSaving} onClick={onSave}>
            {bundle.isSaving ? t("bundle.saving") : t("bundle.save")}
          </Button>
          <span className="small muted">{t("bundle.changed", { count: bundle.changed })}</span>
        </div>
      )}
      <p className="small muted" role="status">
        {said}
      </p>
    </div>
  );
}
