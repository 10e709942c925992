namespace LipSol.Pipelines.Tests.Running;

/// <summary>Every state that small pipelines can reach: whatever the steps answer, in whatever order, with a cancellation, a resumption, a time-out and a death at any moment.</summary>
public sealed class EveryStateTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 1, 2, 30, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(100, "a:")]
    [InlineData(100, "r:")]
    [InlineData(100, "t:")]
    [InlineData(1000, "a:", "b:a", "x:")]
    [InlineData(1000, "a:", "b:a", "d:a", "e:b d")]
    [InlineData(1000, "r:", "t:", "c:r t")]
    [InlineData(1000, "a:", "g:a", "p:g", "z:p")]
    [InlineData(1000, "a:", "b:", "c:a b", "g:c", "p:g")]
    [InlineData(500, "a:", "g:a", "x:", "e:g x")]
    public void Nothing_is_lost_begun_too_soon_or_done_twice(int least, params string[] steps)
    {
        PipelineDefinition definition = Examples.Of(steps) with { Notices = steps.Length > 3 ? [] : [new NoticeDefinition("https://x", [NoticeKind.Failed, NoticeKind.Promoted])] };
        PipelineRunState begun = PipelineMachine.New(new PipelineRunState { Pipeline = "test", Number = 1, DefinitionVersion = 1, Definition = "", For = Now, Day = "2026-11-01", Steps = [], CreatedAt = Now }, definition);
        var open = new Queue<World>();
        var seen = new HashSet<string>();
        Visit(new World(begun, []), new Begun(), Now);
        while (open.TryDequeue(out World? world)) Leave(world);
        Assert.True(seen.Count >= least / 10, $"{seen.Count} states");

        void Leave(World world)
        {
            foreach (PipelineCommand command in world.Asked)
                foreach (PipelineEvent answer in Answers(definition, world.Run, command)) Visit(world with { Asked = [.. world.Asked.Where(c => c != command)] }, answer, Now);
            Visit(world, new Ticked(), Now.AddHours(3));
            Visit(world, new CancelAsked("enough"), Now);
            if (world.Run.Round < 1) Visit(world, new ResumeAsked(), Now);
            Die(world);
            LateAnswersChangeNothing(world);
        }

        // Whoever saw to the run dies: what he was asked for is lost with him.
        void Die(World world)
        {
            Transition after = PipelineMachine.Apply(world.Run, definition, new Recovered(), Now);
            Assert.Equal(world.Run.ToJson(), after.Run.ToJson());
            Assert.Equal<string>(Unanswered(world.Run), (string[])[.. after.Commands.Where(c => c is PlanStep or StartStep or AbortStep).Select(c => c.ToString()!).Order()]);
            Assert.Equal(world.Run.IsOver, after.Commands.OfType<TellOver>().Any());
        }

        void LateAnswersChangeNothing(World world)
        {
            foreach (StepState step in world.Run.Steps)
            {
                Same(new Finished(step.Name, step.Try - 1, new Dictionary<string, string>()));
                Same(new TryFailed(step.Name, step.Try - 1, "late", true));
                if (step.Status != StepStatus.Planning) Same(new Planned(step.Name, step.Try, Key(definition.Step(step.Name)), "late", null));
                if (step.Status is not (StepStatus.Running or StepStatus.Planning)) Same(new TryFailed(step.Name, step.Try, "late", false));
                if (step.Status != StepStatus.Running) Same(new Finished(step.Name, step.Try, new Dictionary<string, string>()));
                Same(new Aborted(step.Name, step.Aborting is null ? step.Try : step.Try - 1));
            }
            Same(new Begun());
            if (!world.Run.IsOver || world.Run.Status == PipelineStatus.Succeeded) Same(new ResumeAsked());

            void Same(PipelineEvent late) => Assert.Equal(world.Run.ToJson(), PipelineMachine.Apply(world.Run, definition, late, Now).Run.ToJson());
        }

        void Visit(World world, PipelineEvent e, DateTimeOffset now)
        {
            Transition after = PipelineMachine.Apply(world.Run, definition, e, now);
            Check(definition, world.Run, e, after);
            HashSet<(string, int)> aborted = [.. after.Commands.OfType<AbortStep>().Select(a => (a.Step, a.Try))];
            PipelineCommand[] asked = [.. world.Asked.Where(c => c is not PlanStep p || !aborted.Contains((p.Step, p.Try))).Where(c => c is not StartStep s || !aborted.Contains((s.Step, s.Try))).Concat(after.Commands.Where(c => c is PlanStep or StartStep or AbortStep or Deliver)).Distinct()];
            // Who is asked for something is known by the state alone: nothing waits for what nobody was asked for.
            Assert.Equal<string>(Unanswered(after.Run), (string[])[.. asked.Where(c => c is PlanStep or StartStep or AbortStep).Select(c => c.ToString()!).Order()]);
            PipelineRunState run = Timeless(after.Run);
            Assert.Equal(run.ToJson(), PipelineRunState.FromJson(run.ToJson()).ToJson());
            if (seen.Add(run.ToJson())) open.Enqueue(new World(run, asked));
        }
    }

    private static void Check(PipelineDefinition definition, PipelineRunState before, PipelineEvent e, Transition after)
    {
        foreach (StartStep start in after.Commands.OfType<StartStep>())
        {
            Assert.Equal(StepStatus.Running, after.Run.Step(start.Step).Status);
            StepDefinition step = definition.Step(start.Step);
            StepState[] needs = [.. StepGraph.Needs(step).Select(after.Run.Step)];
            if (step.Kind == "choose") Assert.Contains(needs, n => n.IsGood);
            else Assert.All(needs, n => Assert.True(n is { IsGood: true, Refused: false }, $"{start.Step} began with {n.Name} {n.Status}"));
            Assert.NotEqual(PipelineStatus.Cancelling, after.Run.Status);
            // What still ends would end the next try.
            Assert.Null(after.Run.Step(start.Step).Aborting);
        }
        foreach (StepState step in after.Run.Steps)
        {
            StepState was = before.Step(step.Name);
            Assert.True(step.TriesInRound <= definition.Step(step.Name).Retries + 1);
            Assert.True(step.Try >= was.Try);
            // What is done stays done, resumed or not: above all a promotion.
            if (was.IsGood) Assert.Equal(was, step);
            if (was is { Status: StepStatus.Running } && step.Status == StepStatus.Cancelled) Assert.NotEqual("promote", definition.Step(step.Name).Kind);
            if (step.Status == StepStatus.Blocked && was.Status != StepStatus.Blocked)
                Assert.Contains(StepGraph.Needs(definition.Step(step.Name)), n => after.Run.Step(n).Status is StepStatus.Failed or StepStatus.Blocked or StepStatus.Cancelled or StepStatus.NotNeeded);
        }
        Assert.Equal(after.Run.IsOver, after.Run.Steps.All(s => s.IsOver));
        Assert.Equal(after.Run.IsOver && (!before.IsOver || e is Recovered), after.Commands.OfType<TellOver>().Any());
        if (after.Run.Status == PipelineStatus.Succeeded) Assert.All(after.Run.Steps, s => Assert.True(s.IsGood || s.Status == StepStatus.NotNeeded));
        if (after.Run is { Status: PipelineStatus.Failed }) Assert.Contains(after.Run.Steps, s => s.Status == StepStatus.Failed);
        Assert.Equal(after.Run.Notices.Count, after.Run.Notices.Select(n => n.Id).Distinct().Count());
        Assert.All(after.Run.Notices, n => Assert.True(n.Attempts <= NoticeRules.MostAttempts));
    }

    private static IEnumerable<PipelineEvent> Answers(PipelineDefinition definition, PipelineRunState run, PipelineCommand command)
    {
        switch (command)
        {
            case PlanStep p:
                StepDefinition planned = definition.Step(p.Step);
                yield return new Planned(p.Step, p.Try, Key(planned), "it's new", "work");
                if (StepKinds.Of(planned).MayBeCached)
                    yield return new Planned(p.Step, p.Try, Key(planned), "as before", null) { Taken = new CachedStep(p.Step, Key(planned), Left("passed"), 0, Now) };
                yield return new TryFailed(p.Step, p.Try, "the corpus vanished", true);
                break;
            case StartStep s:
                yield return new Finished(s.Step, s.Try, Left("passed"));
                if (definition.Step(s.Step).Kind == "gate") yield return new Finished(s.Step, s.Try, Left("refused"));
                yield return new TryFailed(s.Step, s.Try, "it fell over", true);
                yield return new TryFailed(s.Step, s.Try, "it can't be", false);
                break;
            case AbortStep a:
                yield return new Aborted(a.Step, a.Try);
                break;
            case Deliver d when run.Notices.Any(n => n.Id == d.Id && n.NextAt is not null):
                yield return new NoticeDelivered(d.Id);
                yield return new NoticeFailed(d.Id, "nobody there", true);
                yield return new NoticeFailed(d.Id, "not found", false);
                break;
        }
    }

    private static Dictionary<string, string> Left(string verdict) => new() { [Outputs.Verdict] = verdict, ["promoted"] = "true" };

    private static StepKey Key(StepDefinition step) => new(step.Kind, new Dictionary<string, string>(), new Dictionary<string, string>(), "1");

    private static string[] Unanswered(PipelineRunState run) => [.. run.Steps
        .Where(s => s.Status is StepStatus.Planning or StepStatus.Running)
        .Select(s => s.Status == StepStatus.Planning ? new PlanStep(s.Name, s.Try).ToString() : new StartStep(s.Name, s.Try).ToString())
        .Concat(run.Steps.Where(s => s.Aborting is not null).Select(s => new AbortStep(s.Name, s.Try, s.Aborting!).ToString())).Order()];

    // Times go on for ever; the states that they tell apart are few: not yet due, or due in the next hour.
    private static PipelineRunState Timeless(PipelineRunState run) => run with
    {
        EndedAt = run.EndedAt is null ? null : Now,
        Steps = [.. run.Steps.Select(s => s with
        {
            StartedAt = s.StartedAt is null ? null : Now,
            EndedAt = s.EndedAt is null ? null : Now,
            Deadline = s.Deadline is null ? null : Now.AddMinutes(1),
            NextTryAt = s.NextTryAt is null ? null : Now.AddMinutes(1),
            // The texts don't decide anything.
            Why = null,
            Failure = null,
            Key = null,
        })],
        Notices = [.. run.Notices.Select(n => n with { NextAt = n.NextAt is null ? null : Now.AddMinutes(1), DeliveredAt = n.DeliveredAt is null ? null : Now, Failure = null, Attempts = Math.Min(n.Attempts, 1) })],
    };

    private sealed record World(PipelineRunState Run, IReadOnlyList<PipelineCommand> Asked);
}
