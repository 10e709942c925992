using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security;
using LipSol.Kernel.Engine;

namespace LipSol.Kernel.Packages;

/// <summary>
/// Restores a set of packages with <c>dotnet restore</c> of a project of its own, once for each set: the result is kept in a cache folder
/// under the set's key. Where folders are named with <c>#i</c> they are asked alone first, so that a notebook whose packages all lie there needs no network.
/// </summary>
internal sealed class PackageRestorer(string cacheFolder)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Unused = TimeSpan.FromDays(14);

    /// <summary><c>LIPSOL_CACHE</c>, or the user's cache folder.</summary>
    public static string DefaultCacheFolder => Path.Combine(
        Environment.GetEnvironmentVariable("LIPSOL_CACHE") is { Length: > 0 } given
            ? given
            : Path.Combine(
                Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg && !OperatingSystem.IsWindows() ? xdg : UserCache(),
                "lipsol"),
        "notebook-packages");

    /// <exception cref="CellRefusedException">A package or source can't be had; the message has the restore's own words.</exception>
    public async Task<IReadOnlyList<RestoredPackage>> RestoreAsync(PackageSet set, CancellationToken cancellation)
    {
        var missing = set.Sources.FirstOrDefault(s => !s.Contains("://", StringComparison.Ordinal) && !Directory.Exists(s));
        var own = set.Packages.Any(p => p.Name.StartsWith("LipSol.", StringComparison.OrdinalIgnoreCase)) ? OwnFeed.Folder : null;
        if (missing is not null && own is null)
            throw new CellRefusedException("PackageError", $"The package source {missing} isn't there. Build the solution (dotnet build) to fill it, or correct the #i line.");
        // A notebook that lies elsewhere than where it was written still finds the packages of the LipSol that runs it.
        if (own is not null) set = set with { Sources = [.. set.Sources.Where(s => s != missing).Append(own).Distinct(StringComparer.Ordinal)] };
        Directory.CreateDirectory(cacheFolder);
        var entry = Path.Combine(cacheFolder, set.Key());
        var assets = Path.Combine(entry, "obj", "project.assets.json");
        using var turn = await LockAsync(entry + ".lock", cancellation);
        // Two attempts: what a finished entry points to may since have been cleaned away.
        for (var attempt = 0; ; attempt++)
        {
            if (attempt > 0 || !File.Exists(Path.Combine(entry, "done")))
                await FillAsync(set, entry, cancellation);
            try
            {
                File.SetLastWriteTimeUtc(Path.Combine(entry, "done"), DateTime.UtcNow);
                return AssetsFile.Read(assets);
            }
            catch (Exception e) when (attempt == 0 && e is IOException or InvalidDataException or System.Text.Json.JsonException)
            {
                continue;
            }
        }
    }

    private async Task FillAsync(PackageSet set, string entry, CancellationToken cancellation)
    {
        DropUnused();
        if (Directory.Exists(entry))
            Directory.Delete(entry, recursive: true);
        Directory.CreateDirectory(entry);
        var error = set.Folders.Any() ? await RunAsync(set, entry, onlyFolders: true, cancellation) : "";
        if (error is not null)
            error = await RunAsync(set, entry, onlyFolders: false, cancellation);
        if (error is not null)
            throw new CellRefusedException("PackageError", error);
        await File.WriteAllTextAsync(Path.Combine(entry, "done"), "", cancellation);
    }

    private static async Task<string?> RunAsync(PackageSet set, string entry, bool onlyFolders, CancellationToken cancellation)
    {
        // Packages of a local folder change without changing their version, so they never go to the shared package folder.
        var ownFolder = set.Folders.Any() ? "<RestorePackagesPath>packages</RestorePackagesPath>" : "";
        await File.WriteAllTextAsync(Path.Combine(entry, "notebook.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net{Environment.Version.Major}.0</TargetFramework>
                <RuntimeIdentifier>{PortableRuntime}</RuntimeIdentifier>
                <SelfContained>false</SelfContained><UseAppHost>false</UseAppHost><NuGetAudit>false</NuGetAudit>
                {ownFolder}
              </PropertyGroup>
              <ItemGroup>
                {string.Concat(set.Packages.Select(p => $"<PackageReference Include=\"{p.Name}\" Version=\"{p.Version}\" />"))}
              </ItemGroup>
            </Project>
            """, cancellation);
        await File.WriteAllTextAsync(Path.Combine(entry, "nuget.config"), $"""
            <configuration>
              <packageSources>
                {(onlyFolders ? "<clear />" : "")}
                {string.Concat((onlyFolders ? set.Folders : set.Sources).Select((s, i) => $"<add key=\"notebook{i}\" value=\"{SecurityElement.Escape(s)}\" />"))}
              </packageSources>
            </configuration>
            """, cancellation);
        foreach (var file in new[] { "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props" })
            await File.WriteAllTextAsync(Path.Combine(entry, file), "<Project />", cancellation);

        var start = new ProcessStartInfo(DotnetHost())
        {
            WorkingDirectory = entry,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var argument in new[] { "restore", "notebook.csproj", "-nologo", "-v:q", "-nodeReuse:false", "-p:TreatWarningsAsErrors=false" })
            start.ArgumentList.Add(argument);
        // A host that was itself started by MSBuild hands down variables that would point the restore at the wrong SDK.
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(name);
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        using var process = Process.Start(start) ?? throw new CellRefusedException("PackageError", "The dotnet command can't be started.");
        process.StandardInput.Close();
        var reading = Task.WhenAll(process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
        try
        {
            await process.WaitForExitAsync(limit.Token);
            var text = await reading;
            return process.ExitCode == 0 ? null : Explain(string.Join('\n', text), set, entry);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            return $"Restoring the packages took more than {Limit.TotalMinutes:0} minutes.";
        }
    }

    // https://learn.microsoft.com/nuget/reference/errors-and-warnings/nu1301
    private const string SourceAway = "NU1301";

    private static string Explain(string output, PackageSet set, string entry)
    {
        var errors = output.Split('\n', StringSplitOptions.TrimEntries)
            .Where(l => l.Contains("error ", StringComparison.Ordinal))
            .Select(l => l[l.IndexOf("error ", StringComparison.Ordinal)..])
            .Select(l => l.Split(" [" + entry, 2)[0])
            .Distinct()
            .ToArray();
        var reason = errors.Length > 0 ? string.Join('\n', errors) : $"dotnet restore failed: {output.Trim()}";
        return reason.Contains(SourceAway, StringComparison.Ordinal)
            ? $"A package source can't be reached, to ask for {string.Join(", ", set.Packages.Select(p => $"{p.Name} {p.Version}"))}. Check the network, or name a folder of packages with #i \"nuget:FOLDER\".\n{reason}"
            : reason;
    }

    private void DropUnused()
    {
        foreach (var done in Directory.EnumerateDirectories(cacheFolder).Select(d => new FileInfo(Path.Combine(d, "done"))))
        {
            try
            {
                if (done.Exists && DateTime.UtcNow - done.LastWriteTimeUtc > Unused)
                    done.Directory!.Delete(recursive: true);
            }
            catch (IOException)
            {
                // Another kernel has it open; it will be dropped another day.
            }
        }
    }

    private static async Task<FileStream> LockAsync(string path, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (IsHeld(e))
            {
                await Task.Delay(100, cancellation);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new CellRefusedException("PackageError", $"Packages can't be kept in {Path.GetDirectoryName(path)}: {e.Message} Name another folder with LIPSOL_CACHE.");
            }
        }
    }

    // EWOULDBLOCK of flock(2) on Linux and macOS, ERROR_SHARING_VIOLATION on Windows.
    private static bool IsHeld(IOException error) => OperatingSystem.IsWindows() ? (error.HResult & 0xFFFF) == 32 : error.HResult is 11 or 35;

    // Distributions that build .NET themselves name their own identifier, which packages don't know.
    private static string PortableRuntime => OperatingSystem.IsLinux() && !RuntimeInformation.RuntimeIdentifier.StartsWith("linux-", StringComparison.Ordinal)
        ? $"linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}"
        : RuntimeInformation.RuntimeIdentifier;

    private static string DotnetHost()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        string?[] candidates =
        [
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH"),
            Path.GetFileName(Environment.ProcessPath) == name ? Environment.ProcessPath : null,
            Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root ? Path.Combine(root, name) : null,
        ];
        return candidates.FirstOrDefault(File.Exists) ?? name;
    }

    private static string UserCache() => OperatingSystem.IsWindows() || OperatingSystem.IsMacOS()
        ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
}
