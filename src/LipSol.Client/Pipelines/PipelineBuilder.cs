using System.Globalization;
using System.Text;
using System.Text.Json;

namespace LipSol.Client;

/// <summary>A pipeline written in C#: it gives the same as a YAML file, and is checked by the node as that is.</summary>
/// <example>
/// <code>
/// var daily = new PipelineBuilder("daily-digits").Daily(2, 30, "Asia/Karachi")
///     .Prepare("clips", corpus: "digits", layout: "folder", folder: "/srv/recordings/digits")
///     .Train("small", "word-tcn", data: "clips", parameters: new() { ["epochs"] = 8 })
///     .Train("wide", "word-tcn", data: "clips", parameters: new() { ["epochs"] = 8, ["width"] = 48 })
///     .Choose("best", ["small", "wide"], "val_accuracy")
///     .Gate("gate", candidate: "best", model: "digits", threshold: 0.8)
///     .Promote("production", gate: "gate");
/// await client.Pipelines.RegisterAsync(daily);
/// </code>
/// </example>
public sealed class PipelineBuilder
{
    private readonly StringBuilder head = new();
    private readonly StringBuilder notices = new();
    private readonly StringBuilder steps = new();

    /// <summary>Begins a pipeline of this name.</summary>
    public PipelineBuilder(string name)
    {
        Name = name;
        head.Append(CultureInfo.InvariantCulture, $"pipeline: {Text(name)}\n");
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>What it's for.</summary>
    public PipelineBuilder About(string about) => Head($"about: {Text(about)}\n");

    /// <summary>When it runs: cron (minute, hour, day of the month, month, day of the week) in a time zone.</summary>
    /// <param name="cron">As <c>30 2 * * *</c>.</param>
    /// <param name="zone">As <c>Asia/Karachi</c>.</param>
    /// <param name="missed">What was due while no node was up: <c>once</c> (one run makes up for all) or <c>skip</c>.</param>
    public PipelineBuilder Schedule(string cron, string zone, string missed = "once") => Head($"schedule: {{ cron: {Text(cron)}, zone: {Text(zone)}, missed: {Text(missed)} }}\n");

    /// <summary>Every day at this time of the zone's clocks.</summary>
    public PipelineBuilder Daily(int hour, int minute, string zone, string missed = "once") => Schedule(string.Create(CultureInfo.InvariantCulture, $"{minute} {hour} * * *"), zone, missed);

    /// <summary>What becomes of a run that is due while the one before still runs: <c>skip</c>, <c>queue</c> or <c>cancel</c> (the one before).</summary>
    public PipelineBuilder Overlap(string rule) => Head($"overlap: {Text(rule)}\n");

    /// <summary>A webhook that is told of these: <c>succeeded</c>, <c>failed</c>, <c>cancelled</c>, <c>promoted</c>, <c>refused</c>; all where none is named.</summary>
    public PipelineBuilder Notify(string url, params string[] on)
    {
        notices.Append(CultureInfo.InvariantCulture, $"  - {{ url: {Text(url)}{(on.Length > 0 ? $", on: {List(on)}" : "")} }}\n");
        return this;
    }

    /// <summary>Reads a corpus anew from where its recordings lie.</summary>
    public PipelineBuilder Prepare(string name, string corpus, string layout, string folder, Action<StepBuilder>? more = null) =>
        Step(name, "prepare", s => s.Set("corpus", corpus).Set("layout", layout).Set("folder", folder), more);

    /// <summary>An ordinary run on what a step prepared (<paramref name="data"/>), or on a corpus that is there already.</summary>
    public PipelineBuilder Train(string name, string network, string? data = null, string? corpus = null, Dictionary<string, object>? parameters = null, long? seed = null, Action<StepBuilder>? more = null) =>
        Step(name, "train", s => s.Set("data", data).Set("corpus", corpus).Set("network", network).Set("set", parameters).Set("seed", seed), more);

    /// <summary>The best of several runs by a metric that was measured on <c>val</c>.</summary>
    public PipelineBuilder Choose(string name, IReadOnlyList<string> from, string metric, Action<StepBuilder>? more = null) => Step(name, "choose", s => s.Set("from", from).Set("metric", metric), more);

    /// <summary>How well a run's model, or a registered version, reads the test split.</summary>
    public PipelineBuilder Evaluate(string name, string? of = null, string? model = null, string? data = null, string? corpus = null, Action<StepBuilder>? more = null) =>
        Step(name, "evaluate", s => s.Set("of", of).Set("model", model).Set("data", data).Set("corpus", corpus), more);

    /// <summary>Judges a run's model by a threshold and against the version in production.</summary>
    public PipelineBuilder Gate(string name, string candidate, string model, double threshold, string? metric = null, double? confidence = null, Action<StepBuilder>? more = null) =>
        Step(name, "gate", s => s.Set("candidate", candidate).Set("model", model).Set("metric", metric).Set("threshold", threshold).Set("confidence", confidence), more);

    /// <summary>Puts the version that a gate passed into production.</summary>
    public PipelineBuilder Promote(string name, string gate, Action<StepBuilder>? more = null) => Step(name, "promote", s => s.Set("gate", gate), more);

    /// <summary>A step of any kind.</summary>
    public PipelineBuilder Step(string name, string kind, Action<StepBuilder> settings) => Step(name, kind, settings, null);

    /// <summary>The pipeline as a file.</summary>
    public string ToYaml() => $"{head}{(notices.Length > 0 ? $"notices:\n{notices}" : "")}steps:\n{steps}";

    private PipelineBuilder Step(string name, string kind, Action<StepBuilder> settings, Action<StepBuilder>? more)
    {
        var step = new StepBuilder();
        settings(step);
        more?.Invoke(step);
        steps.Append(CultureInfo.InvariantCulture, $"  {Text(name)}:\n    kind: {Text(kind)}\n{step}");
        return this;
    }

    private PipelineBuilder Head(string line)
    {
        head.Append(line);
        return this;
    }

    // JSON's strings are YAML's quoted ones.
    internal static string Text(string text) => JsonSerializer.Serialize(text, Plain);

    internal static string List(IEnumerable<string> texts) => $"[{string.Join(", ", texts.Select(Text))}]";

    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}

/// <summary>A step's settings.</summary>
public sealed class StepBuilder
{
    private readonly StringBuilder lines = new();

    /// <summary>A setting of the step's kind; null leaves it out.</summary>
    public StepBuilder Set(string name, object? value)
    {
        if (value is null) return this;
        string text = value switch
        {
            string s => PipelineBuilder.Text(s),
            bool b => b ? "true" : "false",
            IReadOnlyDictionary<string, object> table => $"{{ {string.Join(", ", table.Select(t => $"{PipelineBuilder.Text(t.Key)}: {PipelineBuilder.Text(Scalar(t.Value))}"))} }}",
            IEnumerable<string> several => PipelineBuilder.List(several),
            _ => Scalar(value),
        };
        lines.Append(CultureInfo.InvariantCulture, $"    {name}: {text}\n");
        return this;
    }

    /// <summary>What people call it.</summary>
    public StepBuilder Titled(string title) => Set("title", title);

    /// <summary>Steps that it waits for beside those that its settings name.</summary>
    public StepBuilder After(params string[] steps) => Set("after", steps);

    /// <summary>How often it's tried again, and the wait before the first time; doubled each further time.</summary>
    public StepBuilder Retries(int times, TimeSpan? backoff = null) => Set("retries", times).Set("backoff", backoff is { } wait ? Duration(wait) : null);

    /// <summary>How long one try may take.</summary>
    public StepBuilder Timeout(TimeSpan longest) => Set("timeout", Duration(longest));

    /// <summary>It's done each time, whatever was left earlier.</summary>
    public StepBuilder NeverCached() => Set("cache", false);

    /// <inheritdoc/>
    public override string ToString() => lines.ToString();

    private static string Duration(TimeSpan duration) => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0}s");

    private static string Scalar(object value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
