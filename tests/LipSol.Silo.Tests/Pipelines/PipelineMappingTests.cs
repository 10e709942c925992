using LipSol.Contracts.Pipelines;
using LipSol.Pipelines;
using LipSol.Silo.Pipelines;

namespace LipSol.Silo.Tests.Pipelines;

public sealed class PipelineMappingTests
{
    private const string Nightly = "pipeline: nightly\nschedule: { cron: \"30 2 * * *\", zone: Asia/Karachi }\nsteps:\n  small: { kind: train, corpus: c, network: word-tcn }\n";
    private static readonly string Old = Nightly.Replace("kind: train", "kind: teach", StringComparison.Ordinal);
    private static readonly DateTimeOffset Night = new(2026, 11, 29, 21, 30, 0, TimeSpan.Zero);

    [Fact]
    public void A_pipeline_whose_definition_can_not_be_read_any_more_is_shown_with_what_is_wrong()
    {
        var pipeline = Record(Old).ToMessage();
        Assert.Contains("step 'small' is of the kind 'teach'", pipeline.Problem);
        Assert.Contains("teach", pipeline.Picture.Text);
        Assert.Contains("<svg", pipeline.Picture.Svg);
        Assert.Null(Record(Nightly).ToMessage().Problem);
        Assert.Empty(PipelineMapping.NotBegun(Record(Old), 3).Steps);
    }

    [Fact]
    public void A_run_whose_definition_can_not_be_read_any_more_is_shown_with_its_steps()
    {
        var run = new PipelineRunState
        {
            Pipeline = "nightly",
            Number = 3,
            DefinitionVersion = 1,
            Definition = Old,
            For = Night,
            Day = "2026-11-30",
            Steps = [new StepState { Name = "small", Status = StepStatus.Done, Key = new StepKey("teach", new Dictionary<string, string>(), new Dictionary<string, string>(), "0.1.0") }],
        };
        var shown = new PipelineRunRecord(run.ToJson(), []).ToMessage(newestDefinition: 2, Night);
        Assert.Equal("small", Assert.Single(shown.Steps).Name);
        Assert.Contains("small", shown.Picture.Text);
    }

    [Fact]
    public void History_tells_the_time_of_a_run_on_the_clocks_of_its_schedule()
    {
        var entry = new PipelineRunSummary { Number = 1, Trigger = "schedule", For = Night, Status = "succeeded" };
        var history = new PipelineHistory([entry], 1);
        Assert.Equal("2026-11-30 02:30 Asia/Karachi", history.ToMessage(Record(Nightly)).Entries[0].ForTold);
        Assert.Null(history.ToMessage(Record("pipeline: nightly\nsteps:\n  small: { kind: train, corpus: c, network: word-tcn }\n")).Entries[0].ForTold);
        Assert.Equal("2026-11-30 02:30 Asia/Karachi", (Record(Nightly) with { Last = entry }).ToMessage().Last!.ForTold);
    }

    private static PipelineRecord Record(string definition) => new() { Name = "nightly", DefinitionVersion = 1, Definition = definition };
}
