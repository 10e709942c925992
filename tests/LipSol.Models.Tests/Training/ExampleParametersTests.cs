using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using LipSol.Models.Parameters;
using LipSol.Models.Training;
using LipSol.Pipelines;
using LipSol.Search;

namespace LipSol.Models.Tests.Training;

/// <summary>What the documentation, its examples and the notebooks' defaults train with is what a worker takes: somebody who copies it gets runs, not refusals.</summary>
public sealed partial class ExampleParametersTests
{

    // What runs report while they train, of words and of sentences.
    private static readonly string[] Metrics = ["val_loss", "val_accuracy", "val_wer", "val_cer"];

    [Fact]
    public void Every_pipeline_that_is_shown_trains_and_chooses()
    {
        PipelineDefinition[] pipelines =
        [
            .. Directory.GetFiles(RepositoryRoot.In("docs", "examples"), "*.yaml").Select(File.ReadAllText).Where(IsPipeline).Select(PipelineFile.Read),
            .. Documents().SelectMany(d => Yaml().Matches(d.Text)).Select(b => b.Groups["yaml"].Value).Where(IsPipeline).Select(PipelineFile.Read),
        ];
        Assert.NotEmpty(pipelines);
        foreach (StepDefinition step in pipelines.SelectMany(p => p.Steps))
        {
            if (step.Kind == "train") Takes($"step '{step.Name}'", step.Text("network")!, step.Table("set"));
            if (step.Kind == "choose") Assert.Contains(step.Text("metric"), Metrics);
        }
        static bool IsPipeline(string text) => text.StartsWith("pipeline:", StringComparison.Ordinal);
    }

    [Fact]
    public void Every_pipeline_that_is_built_in_code_trains_and_chooses()
    {
        (string Where, string Text)[] texts = [.. Documents(), .. Sources()];
        Match[] steps = [.. texts.SelectMany(t => TrainCall().Matches(t.Text))];
        Assert.True(steps.Length >= 4, $"There are {steps.Length}.");
        foreach (Match step in steps) Takes(step.Value, step.Groups["network"].Value, Entry().Matches(step.Groups["set"].Value).ToDictionary(e => e.Groups["name"].Value, e => e.Groups["value"].Value));
        Assert.All(texts.SelectMany(t => ChooseCall().Matches(t.Text)), choice => Assert.Contains(choice.Groups["metric"].Value, Metrics));
    }

    [Fact]
    public void The_notebook_of_the_daily_pipeline_trains_with_its_defaults()
    {
        string cells = Cells("04-daily-pipeline.ipynb");
        string network = Default(cells, "network");
        foreach (string variant in new[] { "small", "wide", "slow" }) Takes(variant, network, Pairs(Default(cells, variant)));
        Assert.Contains("\"val_accuracy\"", cells);
    }

    [Fact]
    public void Every_search_that_is_shown_tries_what_its_network_takes()
    {
        string[] searches = [.. Documents().SelectMany(d => Yaml().Matches(d.Text)).Select(b => b.Groups["yaml"].Value).Where(t => t.StartsWith("name:", StringComparison.Ordinal) && t.Contains("\nspace:", StringComparison.Ordinal))];
        Assert.NotEmpty(searches);
        foreach (SearchDefinition search in searches.Select(DefinitionReader.Read))
        {
            Assert.Contains(search.Metric, Metrics);
            Sampler sampler = Sampler.Of(search);
            // Without results proposals are random: so many meet every choice and every condition.
            for (int number = 1; number <= 50; number++)
            {
                var trial = new Dictionary<string, string>(search.Fixed);
                foreach ((string name, string value) in sampler.Propose(number, [])!) trial[name] = value;
                string network = trial.Remove("network", out string? searched) ? searched : search.Network!;
                Takes($"trial {number} of {search.Name}", network, trial);
            }
        }
    }

    [Fact]
    public void The_notebook_of_the_search_tries_what_its_network_takes()
    {
        string cells = Cells("03-find-the-best-parameters.ipynb");
        Match[] ranges = Range().Matches(cells).ToArray();
        Assert.NotEmpty(ranges);
        for (int end = 0; end < 2; end++)
        {
            Dictionary<string, string> trial = Pairs(Default(cells, "settings"));
            foreach (Match range in ranges) trial[range.Groups["name"].Value] = range.Groups["values"].Value.Split(',')[end].Trim();
            Takes("a trial", Default(cells, "network"), trial);
        }
    }

    [Fact]
    public void Every_training_that_a_command_of_the_documents_begins_is_one_that_a_network_takes()
    {
        Match[] commands = [.. Documents().SelectMany(d => Command().Matches(d.Text)).Where(c => c.Groups["network"].Value.Contains('-', StringComparison.Ordinal))];
        Assert.True(commands.Length >= 4, $"There are {commands.Length}.");
        foreach (Match command in commands)
            TrainingParameters.Resolve(command.Groups["network"].Value, Pairs(string.Join(' ', Set().Matches(command.Value).Select(s => s.Groups["pair"].Value).Where(p => !p.EndsWith("=N", StringComparison.Ordinal)))));
    }

    // As the worker reads it. Neither pipelines nor searches start from other weights, so nothing can be frozen.
    private static void Takes(string where, string network, IReadOnlyDictionary<string, string> given)
    {
        try
        {
            Assert.Equal("none", TrainingParameters.Resolve(network, given).Training.Freeze);
        }
        catch (InvalidParameterException e)
        {
            Assert.Fail($"{where}: {e.Message}");
        }
    }

    private static IEnumerable<(string Where, string Text)> Documents() =>
        Directory.GetFiles(RepositoryRoot.In("docs"), "*.md", SearchOption.AllDirectories).Append(RepositoryRoot.In("README.md")).Select(f => (Path.GetRelativePath(RepositoryRoot.Folder, f), File.ReadAllText(f)));

    private static IEnumerable<(string Where, string Text)> Sources() =>
        Directory.GetFiles(RepositoryRoot.In("src", "LipSol.Client"), "*.cs", SearchOption.AllDirectories).Select(f => (Path.GetRelativePath(RepositoryRoot.Folder, f), File.ReadAllText(f)));

    private static string Cells(string notebook)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(RepositoryRoot.In("notebooks", notebook)));
        return string.Join('\n', json.RootElement.GetProperty("cells").EnumerateArray().Where(c => c.GetProperty("cell_type").GetString() == "code").Select(c => string.Concat(c.GetProperty("source").EnumerateArray().Select(l => l.GetString()))));
    }

    private static string Default(string cells, string parameter) => Regex.Match(cells, $"""(?m)^string {parameter} = "(?<value>[^"]*)";""") is { Success: true } match ? match.Groups["value"].Value
        : throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"The notebook has no parameter {parameter}."));

    private static Dictionary<string, string> Pairs(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToDictionary(p => p.Split('=', 2)[0], p => p.Split('=', 2)[1]);

    [GeneratedRegex("```ya?ml\n(?<yaml>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Yaml();

    [GeneratedRegex("""\.Train\("[^"]+", "(?<network>[^"]+)"[^\n]*?parameters: new\(\) \{(?<set>[^}]*)\}""")]
    private static partial Regex TrainCall();

    [GeneratedRegex("""\.Choose\("[^"]+", \[[^\]]*\], "(?<metric>[^"]+)""")]
    private static partial Regex ChooseCall();

    [GeneratedRegex("""\["(?<name>\w+)"\] = "?(?<value>[\w.-]+)""")]
    private static partial Regex Entry();

    [GeneratedRegex("""\["(?<name>\w+)"\] = SearchRange\.\w+\((?<values>[^)]*)\)""")]
    private static partial Regex Range();

    // Up to the end of the line, or of the code in it.
    [GeneratedRegex("""lipsol train [^`\n]*--model (?<network>\S+)[^`\n]*--set [^`\n]*""")]
    private static partial Regex Command();

    [GeneratedRegex("""--set (?<pair>\w+=[^\s`\]]+)""")]
    private static partial Regex Set();
}
