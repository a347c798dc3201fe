import { useState } from "react";
import { problemsIn } from "../../api/client";
import { t } from "../../i18n/i18n";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Problems } from "../../ui/Problems";

/** Ask for a name, then do something under it; what is refused is told and the dialog stays. */
export function NameDialog({ title, start, onDone, onClose }: { title: string; start: string; onDone: (name: string) => Promise<void>; onClose: () => void }) {
  const [name, setName] = useState(start);
  const [problems, setProblems] = useState<ReturnType<typeof problemsIn>>([]);
  const done = () =>
    onDone(name.trim())
      .then(onClose)
      .catch((error: unknown) => setProblems(problemsIn(error)));
  return (
    <Dialog
      title={title}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{t("ui.cancel")}</Button>
          <Button look="primary" disabled={!name.trim()} onClick={() => void done()}>
            {t("ui.save")}
          </Button>
        </>
      }
    >
      <div className="stack-3">
        <Problems problems={problems} />
        <div className="field">
          <label htmlFor="new-name">{t("ui.name")}</label>
          <input id="new-name" className="input" value={name} onChange={(event) => setName(event.target.value)} onKeyDown={(event) => event.key === "Enter" && name.trim() && void done()} />
        </div>
      </div>
    </Dialog>
  );
}
