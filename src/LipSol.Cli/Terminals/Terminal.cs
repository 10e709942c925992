using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace LipSol.Cli.Terminals;

/// <summary>Where a command prints: results to stdout; with <c>--json</c> one document to stdout and all text for people to stderr; progress always to stderr.</summary>
internal sealed class Terminal : IDisposable
{
    /// <summary>How JSON documents are written.</summary>
    public static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private readonly TextWriter output;
    private readonly TextWriter error;
    private readonly IAnsiConsole tables;
    private ProgressLine? progress;

    public Terminal(bool json, TextWriter output, TextWriter error)
    {
        Json = json;
        this.output = output;
        this.error = error;
        People = json ? error : output;
        tables = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(People) });
        var redirected = json ? Console.IsErrorRedirected : Console.IsOutputRedirected;
        if (redirected || tables.Profile.Width < 60) tables.Profile.Width = 160;
    }

    public bool Json { get; }

    /// <summary>Where text for people goes.</summary>
    public TextWriter People { get; }

    /// <summary>A line for people.</summary>
    public void Line(string text = "")
    {
        progress?.Hide();
        People.WriteLine(text);
    }

    /// <summary>A line about how things go: always to stderr.</summary>
    public void Note(string text)
    {
        progress?.Hide();
        error.WriteLine(text);
    }

    public void Error(string text)
    {
        progress?.Hide();
        error.WriteLine(text.TrimEnd());
    }

    public void Table(Table table)
    {
        progress?.Hide();
        tables.Write(table);
    }

    /// <summary>A table that changes in place while something goes on. What shows it answers false where there's no terminal, or JSON is asked for: it shows nothing then.</summary>
    public async Task LiveAsync(Func<Func<Table, bool>, Task> body)
    {
        progress?.Hide();
        if (Json || Console.IsOutputRedirected || !ReferenceEquals(output, Console.Out)) await body(_ => false);
        else await tables.Live(new Table()).StartAsync(context => body(table =>
        {
            context.UpdateTarget(table);
            return true;
        }));
    }

    /// <summary>The one JSON document.</summary>
    public void Document(object document) => output.WriteLine(JsonSerializer.Serialize(document, JsonOptions));

    /// <summary>Shows how far something is, from the moment it has taken two seconds.</summary>
    public ProgressLine Progress(string what, string unit)
    {
        progress?.Dispose();
        return progress = new ProgressLine(error, !Console.IsErrorRedirected && ReferenceEquals(error, Console.Error), what, unit, TimeProvider.System);
    }

    public void Dispose()
    {
        progress?.Dispose();
        People.Flush();
    }
}
