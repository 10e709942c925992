using LipSol.Client;

namespace LipSol.Pipelines.Tests.Definitions;

public sealed class PipelineFileTests
{
    [Fact]
    public void A_file_says_all_there_is_to_a_pipeline()
    {
        PipelineDefinition pipeline = PipelineFile.Read(Examples.Daily);
        Assert.Equal(("daily-digits", "Asia/Karachi", MissedRule.Once, OverlapRule.Skip), (pipeline.Name, pipeline.Schedule!.Zone, pipeline.Schedule.Missed, pipeline.Overlap));
        Assert.Equal([NoticeKind.Failed, NoticeKind.Promoted, NoticeKind.Refused], pipeline.Notices.Single().On);
        Assert.Equal(["clips", "small", "wide", "best", "figures", "gate", "production"], pipeline.Steps.Select(s => s.Name));
        StepDefinition clips = pipeline.Step("clips");
        Assert.Equal((2, TimeSpan.FromMinutes(1), TimeSpan.FromHours(2), "نئی ریکارڈنگ"), (clips.Retries, clips.Backoff, clips.Timeout, clips.Title));
        Assert.Equal("32", pipeline.Step("wide").Table("set")["width"]);
        Assert.Equal(["small", "wide"], StepGraph.Needs(pipeline.Step("best")));
    }

    [Fact]
    public void The_example_of_the_documentation_is_sound_and_has_every_kind_of_step()
    {
        PipelineDefinition example = PipelineFile.Read(File.ReadAllText(RepositoryRoot.In("docs", "examples", "daily-digits.yaml")));
        Assert.Equal(StepKinds.All.Select(k => k.Name).Order(StringComparer.Ordinal), example.Steps.Select(s => s.Kind).Distinct().Order(StringComparer.Ordinal));
        string described = File.ReadAllText(RepositoryRoot.In("docs", "pipelines.md"));
        Assert.All(StepKinds.All, kind => Assert.Contains($"| `{kind.Name}` |", described));
        Assert.All(StepKinds.All.SelectMany(k => k.Settings), setting => Assert.Contains(setting.Name, described));
    }

    [Fact]
    public void A_pipeline_built_in_code_is_the_one_of_the_file()
    {
        string built = new PipelineBuilder("daily-digits")
            .About("Three readers of the ten digits, every night.")
            .Daily(2, 30, "Asia/Karachi")
            .Notify("https://team.example/hooks/lipsol", "failed", "promoted", "refused")
            .Prepare("clips", corpus: "digits", layout: "folder", folder: "/srv/recordings/digits", s => s.Titled("نئی ریکارڈنگ").Retries(2, TimeSpan.FromMinutes(1)).Timeout(TimeSpan.FromHours(2)))
            .Train("small", "word-tcn", data: "clips", parameters: new() { ["epochs"] = 8, ["width"] = 16 })
            .Train("wide", "word-tcn", data: "clips", parameters: new() { ["epochs"] = 8, ["width"] = 32 }, seed: 2)
            .Choose("best", ["small", "wide"], "val_accuracy")
            .Evaluate("figures", of: "best")
            .Gate("gate", candidate: "best", model: "digits", threshold: 0.5, metric: "word_accuracy", confidence: 0.9)
            .Promote("production", gate: "gate")
            .ToYaml();
        Assert.Equal(Shown(PipelineFile.Read(Examples.Daily)), Shown(PipelineFile.Read(built)));
    }

    [Theory]
    [InlineData("", "line 1: this isn't a pipeline")]
    [InlineData("steps: [a", "this isn't YAML")]
    [InlineData("pipeline: x\nsteps: {", "line 2: this isn't YAML")]
    [InlineData("pipeline: x\nsteps:\n  a: { kind: train, set: {\n\n", "line 3: this isn't YAML")]
    [InlineData("pipeline: {\nsteps:\n  a: { kind: train, corpus: c, network: n }\n", "line 3: this isn't YAML")]
    [InlineData("pipeline: x\nabout: {\nsteps:\n  a:\n    kind: train\n    corpus: c\n", "line 6: this isn't YAML")]
    [InlineData("pipeline: x", "there's no 'steps'")]
    [InlineData("pipeline: x\nsteps: {}", "line 2: there's no step")]
    [InlineData("pipeline: x\nstep:\n  a: { kind: train }", "line 2: a pipeline has no 'step'. Did you mean steps?")]
    [InlineData("pipeline: a/b\nsteps: { a: { kind: train, corpus: c, network: n } }", "line 1: pipeline is 'a/b': use letters")]
    [InlineData("pipeline: x\nsteps:\n  a:\n    kind: trian\n", "line 4: step 'a' is of the kind 'trian', which there isn't. There are: prepare, train, evaluate, choose, gate, promote.")]
    [InlineData("pipeline: x\nsteps:\n  a:\n    kind: train\n    corpus: c\n    network: n\n    epochs: 3\n", "line 7: step 'a' (train) has no 'epochs'. There are: kind, title")]
    [InlineData("pipeline: x\nsteps:\n  a:\n    kind: train\n    network: n\n", "line 3: step 'a': say what it learns from")]
    [InlineData("pipeline: x\nsteps:\n  a:\n    kind: train\n    corpus: c\n", "line 3: step 'a' (train) needs 'network'")]
    [InlineData("pipeline: x\nsteps:\n  a:\n    kind: train\n    corpus: c\n    network: n\n    seed: two\n", "line 7: seed is 'two': write a whole number")]
    [InlineData("pipeline: x\nsteps:\n  a:\n    kind: choose\n    from: [b]\n    metric: val_loss\n", "line 3: step 'a': from names 'b', which there isn't. Steps: a.")]
    [InlineData("pipeline: x\nsteps:\n  a:\n    kind: choose\n    from: []\n    metric: val_loss\n", "line 3: step 'a': from is empty.")]
    [InlineData("pipeline: x\nsteps:\n  a:\n    kind: evaluate\n    model: m\n    corpus: c\n  b:\n    kind: choose\n    from: [a]\n    metric: val_loss\n", "line 7: step 'b': from names 'a', a step of the kind evaluate, which leaves nothing for others. Name one of the kind train or choose.")]
    [InlineData("pipeline: x\nsteps:\n  c:\n    kind: choose\n    from: [t]\n    metric: test_loss\n  t: { kind: train, corpus: k, network: n }\n", "line 3: step 'c': metric is 'test_loss': runs are compared on val")]
    [InlineData("pipeline: x\nsteps:\n  t: { kind: train, corpus: k, network: n, after: [later] }\n", "line 3: step 't' is to run after 'later', which there isn't.")]
    [InlineData("pipeline: x\nsteps:\n  a: { kind: train, corpus: k, network: n, after: [b] }\n  b: { kind: train, corpus: k, network: n, after: [c] }\n  c: { kind: train, corpus: k, network: n, after: [a] }\n", "line 3: the steps wait for each other in a circle: 'a' needs 'b' needs 'c' needs 'a'.")]
    [InlineData("pipeline: x\nsteps:\n  a: { kind: train, corpus: k, network: n, after: [a] }\n", "'a' needs 'a'")]
    [InlineData("pipeline: x\nsteps:\n  a: { kind: train, corpus: k, network: n, retries: 1000 }\n", "retries is '1000': write a whole number from 0 to 20")]
    [InlineData("pipeline: x\nsteps:\n  a: { kind: train, corpus: k, network: n, timeout: soon }\n", "timeout is 'soon': write a duration")]
    [InlineData("pipeline: x\nsteps:\n  a: { kind: train, corpus: k, network: n }\n  a: { kind: train, corpus: k, network: n }\n", "line 4: this isn't YAML")]
    [InlineData("pipeline: x\nsteps:\n  a: &one { kind: train, corpus: k, network: n }\n  b: *one\n", "line 4: this isn't YAML: *one refers to another place")]
    [InlineData("pipeline: x\nsteps:\n  p: { kind: promote, gate: g, timeout: 1h }\n  g: { kind: gate, candidate: t, model: m, threshold: 0.5 }\n  t: { kind: train, corpus: k, network: n }\n", "line 3: step 'p' can't have a timeout")]
    [InlineData("pipeline: x\nsteps:\n  g: { kind: gate, candidate: t, model: m, threshold: high }\n  t: { kind: train, corpus: k, network: n }\n", "threshold is 'high': write a number")]
    [InlineData("pipeline: x\nsteps:\n  c: { kind: prepare, corpus: k, layout: folder, folder: recordings }\n", "folder is 'recordings': give the whole path")]
    [InlineData("pipeline: x\nschedule: { cron: \"0 2 * * *\", zone: Asia/Karachi, missed: often }\nsteps: { a: { kind: train, corpus: k, network: n } }", "line 2: missed is 'often': write once or skip.")]
    [InlineData("pipeline: x\nschedule: { cron: \"61 2 * * *\", zone: Asia/Karachi }\nsteps: { a: { kind: train, corpus: k, network: n } }", "line 2: cron is '61 2 * * *'")]
    [InlineData("pipeline: x\nschedule: { cron: daily, zone: Asia/Karachi }\nsteps: { a: { kind: train, corpus: k, network: n } }", "line 2: cron is 'daily', which has 1 field: write minute, hour")]
    [InlineData("pipeline: x\nschedule: { cron: \"0 0 2 * * *\", zone: Asia/Karachi }\nsteps: { a: { kind: train, corpus: k, network: n } }", "which has 6 fields")]
    [InlineData("pipeline: x\nschedule: { cron: \"0 0 30 2 *\", zone: UTC }\nsteps: { a: { kind: train, corpus: k, network: n } }", "line 2: cron is '0 0 30 2 *': that day never comes.")]
    [InlineData("pipeline: x\nschedule: { cron: \"0 2 * * *\", zone: Karachi }\nsteps: { a: { kind: train, corpus: k, network: n } }", "line 2: there's no time zone 'Karachi'. Did you mean Asia/Karachi?")]
    [InlineData("pipeline: x\nschedule: { cron: \"0 2 * * *\" }\nsteps: { a: { kind: train, corpus: k, network: n } }", "line 2: there's no 'zone'")]
    [InlineData("pipeline: x\nnotices: [{ url: \"ftp://x\" }]\nsteps: { a: { kind: train, corpus: k, network: n } }", "line 2: url is 'ftp://x'")]
    [InlineData("pipeline: x\nnotices: [{ url: \"https://x\", on: [lunch] }]\nsteps: { a: { kind: train, corpus: k, network: n } }", "on is 'lunch': write succeeded or failed")]
    [InlineData("pipeline: x\noverlap: both\nsteps: { a: { kind: train, corpus: k, network: n } }", "line 2: overlap is 'both': write skip or queue or cancel.")]
    public void What_is_wrong_is_told_with_its_line_and_what_to_do(string text, string told) =>
        Assert.Contains(told, Assert.Throws<PipelineFileException>(() => PipelineFile.Read(text)).Message);

    [Fact]
    public void All_that_is_wrong_is_told_at_once_by_line()
    {
        var e = Assert.Throws<PipelineFileException>(() => PipelineFile.Read("pipeline: x\noverlap: both\nsteps:\n  a: { kind: dance }\n  b: { kind: train, network: n }\n"));
        Assert.Equal([2, 4, 5], e.Problems.Select(p => p.Line));
    }

    [Fact]
    public void A_file_of_a_million_lines_is_refused_without_being_read() =>
        Assert.Contains("at most 200000", Assert.Throws<PipelineFileException>(() => PipelineFile.Read(new string('#', 1_000_000))).Message);

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    public void A_file_that_is_nested_without_end_is_refused_before_a_tree_is_made_of_it(string level) =>
        Assert.Contains("line 2: this isn't YAML: it's nested too deeply", Assert.Throws<PipelineFileException>(() => PipelineFile.Read("pipeline: x\nsteps: " + string.Concat(Enumerable.Repeat(level, 45_000)))).Message);

    [Fact]
    public void Steps_run_after_what_they_need_and_else_as_they_were_written()
    {
        PipelineDefinition pipeline = Examples.Of("d:c b", "c:a", "b:a", "a:");
        Assert.Equal("a c b d", string.Join(' ', StepGraph.InOrder(pipeline.Steps).Select(s => s.Name)));
        Assert.Equal(2, StepGraph.Depths(pipeline.Steps)["d"]);
    }

    private static string Shown(PipelineDefinition pipeline) => System.Text.Json.JsonSerializer.Serialize(pipeline);
}
