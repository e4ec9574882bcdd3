create function audit_is_append_only() returns trigger language plpgsql as 'begin raise exception ''the audit chain is append-only''; end';

create trigger audit_no_change before update or delete or truncate on audit for each statement execute function audit_is_append_only();
