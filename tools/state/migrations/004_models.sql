-- What each try at a model call may cost, and what it did cost. Its budget is the sum over its scope; a try that is
-- known to have sent nothing (attempts.outcome = 'not_sent') costs nothing. No price: held_usd and cost_usd are null.
create table model_calls (
    key text not null,
    token integer not null,
    scope text not null,
    model text not null,
    held_usd double precision,
    cost_usd double precision,
    input_tokens integer,
    output_tokens integer,
    primary key (key, token),
    foreign key (key, token) references attempts (key, token)
);

create index model_calls_by_scope on model_calls (scope, input_tokens, held_usd, cost_usd);
