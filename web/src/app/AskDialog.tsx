import type { ReactNode } from "react";
import { useState } from "react";
import { problemsIn } from "../api/client";
import { t } from "../i18n/i18n";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import type { ShownProblem } from "../ui/Problems";
import { Problems } from "../ui/Problems";

interface Props {
  title: string;
  verb: string;
  children: ReactNode;
  onDo: () => Promise<unknown>;
  onClose: () => void;
}

/** Asks before something is gone; a refusal is told in the dialog. */
export function AskDialog({ title, verb, children, onDo, onClose }: Props) {
  const [problems, setProblems] = useState<ShownProblem[]>([]);
  const [isBusy, setBusy] = useState(false);
  const carryOut = async () => {
    setBusy(true);
    try {
      await onDo();
      onClose();
    } catch (error) {
      setProblems(problemsIn(error));
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{t("ui.cancel")}</Button>
          <Button look="danger" disabled={isBusy} onClick={() => void carryOut()}>
            {verb}
          </Button>
        </>
      }
    >
      <div className="stack-3">
        <Problems problems={problems} />
        {children}
      </div>
    </Dialog>
  );
}
