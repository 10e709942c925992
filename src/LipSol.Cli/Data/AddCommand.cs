using System.CommandLine;
using LipSol.Artifacts.Dvc;
using LipSol.Cli.CommandLine;

namespace LipSol.Cli.Data;

/// <summary><c>data add</c>.</summary>
internal static class AddCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("PATH") { Description = "Files or folders.", Arity = ArgumentArity.OneOrMore };
        return new CliCommand("add", "Make a version of a file or folder: its content goes into the cache, PATH.dvc says which version it is and is what git keeps. In a git repository without .dvc, that is made.",
                "lipsol data add corpora/urdu", "lipsol data add models/urdu-words.onnx corpora/grid --json")
            .With(paths)
            .Does(call => Task.Run(() => Run(call, call.Value(paths)), call.Cancelled));
    }

    private static int Run(Invocation call, string[] paths)
    {
        var full = DataCommand.Full(paths);
        // Before anything is made.
        foreach (var (path, named) in full.Zip(paths))
            if (!Path.Exists(path) && new FileInfo(path).LinkTarget is null) throw new BadInputException($"There is no file or folder {named}.");
        var repository = DvcRepository.OpenOrCreate(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(full[0])) ?? full[0]);
        if (repository.IsNew) call.Terminal.Note($"{repository.Root} is a repository of versioned data now: .dvc and .dvcignore were made.");
        var added = new List<AddedVersion>();
        foreach (var path in full)
        {
            using var progress = call.Terminal.Progress($"adding {Path.GetFileName(path)}", "MB");
            added.Add(DvcAdd.Run(repository, path, DataCommand.Report(progress), call.Cancelled));
        }
        string[] changed = [.. added.SelectMany(a => a.Changed).Concat(repository.IsNew ? [Path.Combine(".dvc", ".gitignore"), Path.Combine(".dvc", "config"), ".dvcignore"] : []).Distinct()];
        if (call.Terminal.Json)
        {
            call.Terminal.Document(new { repository = repository.Root, versions = added, changed });
            return ExitStatus.Done;
        }
        foreach (var version in added)
            call.Terminal.Line($"{version.Path}: {(version.IsChanged ? "" : "unchanged, ")}{version.Hash}, {DataCommand.Count(version.Files, "file")}, {DataCommand.Bytes(version.Size)}");
        if (changed.Length > 0) call.Terminal.Line($"For git: git -C {Quote(repository.Root)} add {string.Join(' ', changed.Select(Quote))}");
        return ExitStatus.Done;
    }

    private static string Quote(string path) => path.All(c => char.IsAsciiLetterOrDigit(c) || "/._-+".Contains(c, StringComparison.Ordinal)) ? path : $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
