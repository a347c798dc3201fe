import type { ReactNode } from "react";
import { useEffect, useRef } from "react";
import { t } from "../i18n/i18n";
import { IconButton } from "./Button";

interface Props {
  title: string;
  size?: "narrow" | "middle" | "wide";
  head?: ReactNode;
  foot?: ReactNode;
  onClose: () => void;
  children: ReactNode;
}

/** A modal dialog; Escape closes it and the focus goes back where it was. */
export function Dialog({ title, size = "narrow", head, foot, onClose, children }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    const dialog = box.current;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement || before instanceof SVGElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={box}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={(event) => event.stopPropagation()}
      onMouseDown={(event) => {
        if (event.target === box.current) onClose();
      }}
    >
      <div className={`dialog ${size}`}>
        <div className="dialog-head">
          <h2 className="cut grow">{title}</h2>
          {head}
          <IconButton icon="close" label={t("ui.close")} onClick={onClose} />
        </div>
        <div className="dialog-body grow">{children}</div>
        {foot && <div className="dialog-foot">{foot}</div>}
      </div>
    </dialog>
  );
}
