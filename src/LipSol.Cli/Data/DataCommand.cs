using System.CommandLine;
using System.Globalization;
using LipSol.Artifacts.Dvc;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Terminals;

namespace LipSol.Cli.Data;

/// <summary><c>data</c>: versions of files and folders, in DVC's format.</summary>
internal static class DataCommand
{
    private const double Megabyte = 1e6;

    public static Command Create() =>
        new CliCommand("data", "Versions of files and folders, in DVC's format: add, status, push, pull, pushed, diff, gc.", "lipsol data add corpora/urdu", "lipsol data push")
            .With(AddCommand.Create(), StatusCommand.Create(), PushCommand.Create(), PullCommand.Create(), PushedCommand.Create(), DiffCommand.Create(), GcCommand.Create());

    public static Argument<string[]> Paths(string description) => new("PATH") { Description = description, Arity = ArgumentArity.ZeroOrMore };

    public static Option<string?> Repository() => new("--repository") { Description = "A folder of the repository [default: the current one].", HelpName = "DIR" };

    public static Option<string?> Remote() => new("--remote") { Description = "A remote of .dvc/config, or a folder or s3://bucket/folder [default: core.remote of .dvc/config].", HelpName = "NAME" };

    public static Option<int?> Jobs()
    {
        var option = new Option<int?>("--jobs") { Description = "Transfers at once [default: four for each processor].", HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1 or > 512) result.AddError("--jobs: give a number from 1 to 512.");
        });
        return option;
    }

    public static DvcRepository Open(Invocation call, Option<string?> repository) => DvcRepository.Open(call.Value(repository) ?? Environment.CurrentDirectory);

    /// <summary>Paths as they are typed are meant from the current folder.</summary>
    public static string[] Full(IEnumerable<string> paths) => [.. paths.Select(Path.GetFullPath)];

    public static IProgress<TransferProgress> Report(ProgressLine line) =>
        new Told<TransferProgress>(p => line.Report(p.Bytes / Megabyte, p.TotalBytes / Megabyte, string.Create(CultureInfo.InvariantCulture, $"{p.Files}/{p.TotalFiles} files")));

    public static string Bytes(long bytes) => bytes switch
    {
        < 1000 => $"{bytes} B",
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.0} kB"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.00} GB"),
    };

    public static string Count(int count, string what) => count == 1 ? $"1 {what}" : string.Create(CultureInfo.InvariantCulture, $"{count:#,0} {what}s");
}
