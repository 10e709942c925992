using System.Text.Json;
using System.Text.Json.Serialization;
using LipSol.Cli.CommandLine;

namespace LipSol.Cli.Demo;

/// <summary>What the notebook wrote down in its last cell.</summary>
internal sealed record NotebookResults
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public required IReadOnlyList<NotebookRunFigures> Runs { get; init; }
    public IReadOnlyList<NotebookRunFigures> Controls { get; init; } = [];
    public required string Chosen { get; init; }
    public required GateAnswer Gate { get; init; }
    public ServingVersion? Promoted { get; init; }
    public required AccuracyFigures Accuracy { get; init; }
    public required IReadOnlyList<ReadSample> Samples { get; init; }
    public double Chance { get; init; }
    public double OnnxMaxAbsDiff { get; init; }
    public IReadOnlyList<IReadOnlyList<string>> Homophenes { get; init; } = [];

    public static NotebookResults Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<NotebookResults>(File.ReadAllBytes(path), Json) ?? throw new JsonException("it is empty");
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw new CommandFailedException($"The notebook ran, but its results in {path} can't be read: {e.Message}", e);
        }
    }
}

internal sealed record NotebookRunFigures(string Id, string Name, string Status, IReadOnlyDictionary<string, string> Parameters, FigureWithInterval? WordAccuracy, FigureWithInterval? Seen, FigureWithInterval? Unseen, double? Seconds);

internal sealed record FigureWithInterval(double Value, double Low, double High, int Count);

internal sealed record GateAnswer(bool Promoted, string Reason);

internal sealed record ServingVersion(string Model, int Version, string Run);

internal sealed record AccuracyFigures(double? Overall, double? Seen, double? Unseen);

internal sealed record ReadSample(string Id, string Speaker, bool Seen, string Expected, string Text, double Confidence, [property: JsonPropertyName("look_alike")] IReadOnlyList<string>? LookAlike);
