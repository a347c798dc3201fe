import type { ButtonHTMLAttributes } from "react";
import type { IconName } from "./Icon";
import { Icon } from "./Icon";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  icon?: IconName;
  look?: "primary" | "plain" | "danger";
  small?: boolean;
}

export function Button({ icon, look, small, className = "", children, ...rest }: Props) {
  return (
    <button type="button" className={`button ${look ?? ""} ${small ? "small" : ""} ${className}`} {...rest}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** A button without text; its label is told to screen readers and shown on hover. */
export function IconButton({ icon, label, small, look = "plain", ...rest }: Props & { icon: IconName; label: string }) {
  return (
    <button
      type="button"
      className={`button icon ${look} ${small ? "small" : ""}`}
      aria-label={label}
      title={label}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  );
}
