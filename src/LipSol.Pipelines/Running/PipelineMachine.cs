namespace LipSol.Pipelines;

/// <summary>How a run goes: a pure function of its state and what happened. The caller writes the new state down first and does then what is asked for; where it dies in between, <see cref="Recovered"/> asks again.</summary>
/// <remarks>
/// A step begins once all that it needs is there. One that fails stops only what depends on it. What is told of a try that is over changes nothing, so no answer counts twice;
/// a step that can't be interrupted (a promotion) is neither cancelled nor given up once it has begun.
/// </remarks>
public static class PipelineMachine
{
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromHours(1);

    /// <summary>A run in which nothing has happened yet.</summary>
    public static PipelineRunState New(PipelineRunState run, PipelineDefinition definition) =>
        run with { Steps = [.. StepGraph.InOrder(definition.Steps).Select(s => new StepState { Name = s.Name })] };

    /// <summary>The state after an event.</summary>
    /// <param name="run">The state before.</param>
    /// <param name="definition">The definition that the run keeps.</param>
    /// <param name="e">What happened.</param>
    /// <param name="now">When.</param>
    /// <param name="jitter">From 0 to 1: spreads what is tried again, so that many don't come at once.</param>
    public static Transition Apply(PipelineRunState run, PipelineDefinition definition, PipelineEvent e, DateTimeOffset now, double jitter = 0.5) =>
        new Turn(run, definition, now, jitter).Take(e);

    /// <summary>A run whose definition can't be read any more: it's over, and what goes on outside is to end. Nothing would ever come of it otherwise.</summary>
    public static PipelineRunState Unreadable(PipelineRunState run, string reason, DateTimeOffset now) => run.IsOver ? run : run with
    {
        Status = PipelineStatus.Failed,
        Reason = reason,
        EndedAt = now,
        Steps = [.. run.Steps.Select(s => s.IsOver ? s : s with
        {
            Status = StepStatus.Cancelled,
            Why = reason,
            EndedAt = now,
            Deadline = null,
            NextTryAt = null,
            Aborting = s.Status is StepStatus.Planning or StepStatus.Running ? reason : s.Aborting,
        })],
    };

    private sealed class Turn(PipelineRunState run, PipelineDefinition definition, DateTimeOffset now, double jitter)
    {
        private readonly List<PipelineCommand> _commands = [];
        private readonly bool _wasOver = run.IsOver;
        private PipelineRunState _run = run;

        public Transition Take(PipelineEvent e)
        {
            switch (e)
            {
                case Planned p when Tried(p.Step, p.Try, StepStatus.Planning) is { } step: OnPlanned(step, p); break;
                case Marked m when Tried(m.Step, m.Try, StepStatus.Running) is { } step: Set(step with { Mark = m.Mark }); break;
                case Finished f when Tried(f.Step, f.Try, StepStatus.Running) is { } step: OnFinished(step, f); break;
                case TryFailed f when Tried(f.Step, f.Try, StepStatus.Planning, StepStatus.Running) is { } step: Fail(step, f.Reason, f.Again); break;
                case Aborted a when _run.Steps.FirstOrDefault(s => s.Name == a.Step && s.Try == a.Try && s.Aborting is not null) is { } step: Set(step with { Aborting = null }); break;
                case Ticked: OnTicked(); break;
                case CancelAsked c when _run.Status == PipelineStatus.Running: OnCancel(c.Reason); break;
                case ResumeAsked when _run.Status is PipelineStatus.Failed or PipelineStatus.Cancelled: OnResume(); break;
                case Recovered: OnRecovered(); break;
                case NoticeDelivered d: Notice(d.Id, n => n with { Attempts = n.Attempts + 1, NextAt = null, DeliveredAt = now, Failure = null }); break;
                case NoticeFailed f: Notice(f.Id, n => NoticeRules.AfterFailure(n, f, now, jitter)); break;
            }
            Settle();
            return new Transition(_run, _commands);
        }

        private void OnPlanned(StepState step, Planned p)
        {
            if (p.Taken is { } taken) Set(step with { Status = StepStatus.Cached, Key = p.Key, Why = p.Why, Left = taken.Left, TakenFrom = taken.Run, EndedAt = now, Deadline = null, Failure = null });
            else
            {
                Set(step with { Status = StepStatus.Running, Key = p.Key, Why = p.Why, Work = p.Work, Mark = step.Work == p.Work ? step.Mark : null });
                _commands.Add(new StartStep(step.Name, step.Try));
            }
        }

        private void OnFinished(StepState step, Finished f)
        {
            Set(step with { Status = StepStatus.Done, Left = f.Left, EndedAt = now, Deadline = null, Failure = null });
            RememberDone(_run.Step(step.Name));
        }

        private void RememberDone(StepState step)
        {
            if (step.Status == StepStatus.Done && StepKinds.Of(Definition(step)).MayBeCached && step.Key is { } key)
                _commands.Add(new Remember(new CachedStep(step.Name, key, step.Left, _run.Number, step.EndedAt ?? now)));
        }

        private void Fail(StepState step, string reason, bool again)
        {
            StepDefinition definition = Definition(step);
            if (again && step.TriesInRound <= definition.Retries && _run.Status == PipelineStatus.Running)
            {
                TimeSpan wait = Backoff(definition.Backoff, step.TriesInRound, jitter);
                Set(step with { Status = StepStatus.Retrying, Failure = reason, Deadline = null, NextTryAt = now + wait });
                return;
            }
            string tries = step.TriesInRound > 1 ? $"{reason} ({step.TriesInRound} tries)" : reason;
            Set(step with { Status = StepStatus.Failed, Failure = tries, Deadline = null, EndedAt = now });
        }

        private void OnTicked()
        {
            foreach (StepState step in _run.Steps)
            {
                if (step.Status is StepStatus.Planning or StepStatus.Running && step.Deadline <= now)
                {
                    string reason = $"It took longer than the {Durations.Tell(Definition(step).Timeout ?? TimeSpan.Zero)} that its timeout allows.";
                    Fail(Abort(step, reason), reason, again: true);
                }
                else if (step is { Status: StepStatus.Retrying, Aborting: null } && step.NextTryAt <= now) Begin(step);
            }
            foreach (NoticeState notice in _run.Notices.Where(n => n.NextAt <= now)) _commands.Add(new Deliver(notice.Id));
        }

        private void OnCancel(string reason)
        {
            _run = _run with { Status = PipelineStatus.Cancelling, Reason = reason };
            foreach (StepState step in _run.Steps.Where(s => !s.IsOver))
            {
                if (step.Status == StepStatus.Running && StepKinds.Of(Definition(step)).Uninterruptible) continue;
                StepState ended = step.Status is StepStatus.Planning or StepStatus.Running ? Abort(step, reason) : step;
                Set(ended with { Status = StepStatus.Cancelled, Why = reason, EndedAt = now, Deadline = null, NextTryAt = null });
            }
        }

        // What goes on outside is to end. It's kept until it has: whoever was to end it may die first.
        private StepState Abort(StepState step, string reason)
        {
            _commands.Add(new AbortStep(step.Name, step.Try, reason));
            return step with { Aborting = reason };
        }

        private void OnResume()
        {
            _run = _run with { Status = PipelineStatus.Running, Reason = null, EndedAt = null, Round = _run.Round + 1 };
            var again = new HashSet<string>(StringComparer.Ordinal);
            // In order, so that what depends on something that is done again is met after it.
            foreach (StepState step in _run.Steps)
            {
                bool unneeded = step.Status == StepStatus.NotNeeded && StepGraph.Needs(Definition(step)).Any(again.Contains);
                if (step.Status is not (StepStatus.Failed or StepStatus.Blocked or StepStatus.Cancelled) && !unneeded) continue;
                again.Add(step.Name);
                Set(step with { Status = StepStatus.Waiting, TriesInRound = 0, Why = null, Failure = null, EndedAt = null, NextTryAt = null, Deadline = null });
            }
        }

        private void OnRecovered()
        {
            foreach (StepState step in _run.Steps)
            {
                if (step.Status == StepStatus.Planning) _commands.Add(new PlanStep(step.Name, step.Try));
                if (step.Status == StepStatus.Running) _commands.Add(new StartStep(step.Name, step.Try));
                if (step.Aborting is { } reason) _commands.Add(new AbortStep(step.Name, step.Try, reason));
                RememberDone(step);
            }
            if (_run.IsOver) _commands.Add(new TellOver());
            foreach (NoticeState notice in _run.Notices.Where(n => n.NextAt <= now)) _commands.Add(new Deliver(notice.Id));
        }

        // What follows from where all steps are: what can begin begins, what can't any more is told so, and a run of which nothing is left is over.
        private void Settle()
        {
            if (_run.IsOver) return;
            if (_run.Status == PipelineStatus.Running)
                foreach (StepState step in _run.Steps.Where(s => s is { Status: StepStatus.Waiting, Aborting: null }).ToArray()) Release(step);
            if (!_run.Steps.All(s => s.IsOver)) return;
            PipelineStatus status = _run.Status == PipelineStatus.Cancelling ? PipelineStatus.Cancelled
                : _run.Steps.Any(s => s.Status is StepStatus.Failed or StepStatus.Blocked) ? PipelineStatus.Failed : PipelineStatus.Succeeded;
            _run = _run with { Status = status, EndedAt = now };
            if (_wasOver) return;
            NoticeState[] notices = [.. NoticeRules.Of(_run, definition, now)];
            _run = _run with { Notices = [.. _run.Notices, .. notices] };
            _commands.Add(new TellOver());
            _commands.AddRange(notices.Select(n => new Deliver(n.Id)));
        }

        private void Release(StepState step)
        {
            StepDefinition own = Definition(step);
            StepState[] needs = [.. StepGraph.Needs(own).Select(_run.Step)];
            // A choice that takes any run waits for all of them, and goes on with those that are there.
            bool any = own.Text("needs") == "any";
            HashSet<string> optional = any ? [.. own.List("from")] : [];
            StepState? bad = Array.Find(needs, n => IsBad(n) && !optional.Contains(n.Name));
            StepState? refused = Array.Find(needs, n => (n.Refused || n.Status == StepStatus.NotNeeded) && !optional.Contains(n.Name));
            if (bad is not null) Set(step with { Status = StepStatus.Blocked, Why = $"It needs {bad.Name}, which {What(bad)}.", EndedAt = now });
            else if (needs.All(n => n.IsOver) && any && !needs.Any(n => optional.Contains(n.Name) && n.IsGood))
                Set(step with { Status = StepStatus.Blocked, Why = $"It needs one of {string.Join(", ", optional)}, and none succeeded.", EndedAt = now });
            else if (refused is not null && needs.All(n => n.IsOver)) Set(step with { Status = StepStatus.NotNeeded, Why = refused.Refused ? $"{refused.Name} refused." : $"{refused.Name} wasn't needed.", EndedAt = now });
            else if (needs.All(n => n.IsOver)) Begin(step);
        }

        private void Begin(StepState step)
        {
            TimeSpan? timeout = Definition(step).Timeout;
            Set(step with
            {
                Status = StepStatus.Planning,
                Try = step.Try + 1,
                TriesInRound = step.TriesInRound + 1,
                StartedAt = step.TriesInRound == 0 ? now : step.StartedAt,
                Deadline = timeout is { } longest ? now + longest : null,
                NextTryAt = null,
            });
            _commands.Add(new PlanStep(step.Name, step.Try + 1));
        }

        private StepState? Tried(string name, int number, params ReadOnlySpan<StepStatus> statuses) =>
            _run.Steps.FirstOrDefault(s => s.Name == name) is { } step && step.Try == number && statuses.Contains(step.Status) ? step : null;

        private void Set(StepState step) => _run = _run with { Steps = [.. _run.Steps.Select(s => s.Name == step.Name ? step : s)] };

        private void Notice(string id, Func<NoticeState, NoticeState> change) => _run = _run with { Notices = [.. _run.Notices.Select(n => n.Id == id && n.NextAt is not null ? change(n) : n)] };

        private StepDefinition Definition(StepState step) => definition.Step(step.Name);

        private static bool IsBad(StepState step) => step.Status is StepStatus.Failed or StepStatus.Blocked or StepStatus.Cancelled;

        private static string What(StepState step) => step.Status switch { StepStatus.Failed => "failed", StepStatus.Cancelled => "was cancelled", _ => "was blocked itself" };
    }

    /// <summary>The wait after the nth failure: doubled each time, up to an hour, and spread by half of it either way.</summary>
    internal static TimeSpan Backoff(TimeSpan first, int failures, double jitter)
    {
        double doubled = first.TotalSeconds * Math.Pow(2, Math.Min(failures - 1, 20));
        return TimeSpan.FromSeconds(Math.Min(doubled, LongestBackoff.TotalSeconds) * (0.5 + jitter));
    }
}
