using System.CommandLine;
using System.Globalization;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Runs;
using LipSol.Client;

namespace LipSol.Cli.Studies;

/// <summary>What the commands share that train many runs of one configuration.</summary>
internal sealed class StudyOptions(string seeds, string experiment)
{
    private const int MostSeeds = 100;
    private static readonly string[] Metrics = ["word_accuracy", "wer", "cer", "ger", "sentence_accuracy"];

    private readonly Option<string> corpus = new("--corpus") { Description = "The corpus.", Required = true };
    private readonly Option<string> network = new("--model") { Description = "The network.", Required = true, HelpName = "word-tcn|word-gru|char-tcn|char-gru" };
    private readonly Option<string[]> set = KeyValues.Option("--set", "A parameter that differs from the network's default; may be given several times.");
    private readonly Option<string> seedList = new("--seeds") { Description = "Seeds of each configuration, as 1,2,3 or 1-3.", HelpName = "LIST", DefaultValueFactory = _ => seeds };
    private readonly Option<string?> experimentName = new("--experiment") { Description = $"The experiment its runs belong to; runs that are there already are used [default: {experiment} NETWORK CORPUS]." };
    private readonly Option<int> threads = new("--threads") { Description = "Threads of each run; 0: the slot's. Part of what decides the numbers." };
    private readonly Option<string> metric = new("--metric") { Description = "The figure of the picture: word_accuracy, wer, cer, ger or sentence_accuracy, each also as .seen or .unseen.", DefaultValueFactory = _ => "word_accuracy" };
    private readonly Option<string?> svg = new("--svg") { Description = "Write the picture into this file.", HelpName = "FILE" };

    private readonly InitFromOptions init = new();
    private readonly NeedsOptions needs = new();

    public Symbol[] All => [corpus, network, set, seedList, experimentName, threads, metric, svg, .. init.All, .. needs.All];

    public string Corpus(Invocation call) => call.Value(corpus)!;

    public string Metric(Invocation call) => call.Value(metric)!;

    /// <summary>Makes a plan; what can't be planned is the caller's to mend.</summary>
    /// <exception cref="BadInputException">It can't.</exception>
    public static StudyPlan Plan(Func<StudyPlan> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentException e)
        {
            throw new BadInputException(e.Message, e);
        }
    }

    public string? Svg(Invocation call) => call.Value(svg);

    public IReadOnlyList<long> Seeds(Invocation call) => ParseSeeds(call.Value(seedList)!);

    public StartRun Run(Invocation call) => !Metrics.Contains(Metric(call).Split('.')[0]) || Metric(call).Split('.') is not ([_] or [_, "seen" or "unseen"])
        ? throw new BadInputException($"--metric {Metric(call)}: there are {string.Join(", ", Metrics)}, each also as .seen or .unseen.") : needs.Apply(call, new StartRun
        {
            Experiment = call.Value(experimentName) ?? $"{experiment} {call.Value(network)} {call.Value(corpus)}",
            Network = call.Value(network)!,
            Corpus = call.Value(corpus)!,
            Parameters = init.Parameters(call, KeyValues.Parse("--set", call.Value(set))),
            Threads = call.Value(threads),
        });

    /// <summary>What all runs of the study start from; null: random weights.</summary>
    public Task<InitialWeights?> InitFromAsync(Invocation call, LipSolClient client) => init.FindAsync(call, client);

    /// <summary>Reads <c>1,2,5-8</c>.</summary>
    /// <exception cref="BadInputException">It isn't a list of seeds.</exception>
    public static IReadOnlyList<long> ParseSeeds(string text)
    {
        var seeds = new List<long>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var ends = part.Split('-');
            if (ends.Length > 2 || !long.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first) || !long.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
                || last < first || last - first >= MostSeeds || last > int.MaxValue)
                throw new BadInputException($"--seeds {text}: write whole numbers, as 1,2,3 or 1-3, at most {MostSeeds}.");
            for (var seed = first; seed <= last; seed++) seeds.Add(seed);
        }
        return seeds.Count <= MostSeeds && seeds.Distinct().Count() == seeds.Count ? seeds : throw new BadInputException($"--seeds {text}: at most {MostSeeds}, none twice.");
    }

    /// <summary>Reads <c>50,100,all</c>; all is null.</summary>
    /// <exception cref="BadInputException">It isn't a list of sizes.</exception>
    public static IReadOnlyList<int?> ParseSizes(string option, string text)
    {
        var sizes = text.Split(',', StringSplitOptions.TrimEntries).Select(part => part == "all" ? (int?)null
            : int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0 ? size : throw new BadInputException($"{option} {text}: write sizes, as 50,100,200,all.")).ToArray();
        return sizes.Length > 1 ? sizes : throw new BadInputException($"{option} {text}: a curve needs at least two sizes, as 50,100,200,all.");
    }
}
