using System.Text;
using LipSol.Artifacts.Files;

namespace LipSol.Artifacts.Dvc;

/// <summary>A version that was made of a file or folder.</summary>
/// <param name="Path">The file or folder, relative to the repository.</param>
/// <param name="DvcFile">Its <c>.dvc</c> file, likewise.</param>
/// <param name="Hash">The version.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Files">Files, 1 for a file.</param>
/// <param name="IsChanged">Whether it's another version than the <c>.dvc</c> file had.</param>
/// <param name="Changed">Files of the repository that git has to take up, relative to it.</param>
public sealed record AddedVersion(string Path, string DvcFile, string Hash, long Size, int Files, bool IsChanged, IReadOnlyList<string> Changed);

/// <summary>Makes versions of files and folders: their content in the cache, a <c>.dvc</c> file beside them, an entry in <c>.gitignore</c>.</summary>
public static class DvcAdd
{
    /// <summary>Makes a version of what lies at <paramref name="path"/>. What the cache has already isn't written again; interrupted, nothing refers to what isn't whole.</summary>
    /// <exception cref="DvcException">It can't be versioned: not there, outside of the repository, held by git itself, a part of what is versioned as a whole.</exception>
    public static AddedVersion Run(DvcRepository repository, string path, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        using var held = repository.Lock();
        var full = Check(repository, path);
        var tracked = repository.Outputs();
        var there = tracked.FirstOrDefault(o => o.Path == full);
        if (there is null) RefuseOverlap(repository, tracked, full);
        if (there is { Output.Unsupported: { } reason }) throw DvcException.BadInput($"{reason}: LipSol leaves it alone. Use dvc for it.");
        if (there is { File.IsImport: true }) throw DvcException.BadInput($"{path} is an import of another repository's data. Use `dvc update` for it, or move it to another name and add that.");

        var legacy = there?.Output.IsLegacy is true && WorkspaceState.Read(repository, full, legacy: true, progress, cancellationToken)?.Content == there.Output.Object;
        var state = Store(repository, full, legacy, isCached: there?.Output.IsCached ?? true, progress, cancellationToken);
        var changed = new List<string>();
        if ((there?.Output.IsCached ?? true) && repository.Git is { } git && GitIgnoreFile.Add(git, full) is { } ignore) changed.Add(repository.Relative(ignore));

        var output = (there?.Output ?? new DvcOutput { Path = Path.GetFileName(full) }) with
        {
            Hash = state.Content.Hash,
            Size = state.Size,
            FileCount = state.IsFolder ? state.Files.Count : null,
            IsExecutable = !state.IsFolder && state.Files[0].State.IsExecutable,
            IsLegacy = legacy,
        };
        var file = there?.DvcFilePath ?? full + DvcFile.Suffix;
        var text = there is null ? DvcFile.Create(output).Text : there.File.With(output).Text;
        if (!File.Exists(file) || DvcRepository.ReadText(file) != text)
        {
            DurableFile.Replace(file, Encoding.UTF8.GetBytes(text));
            changed.Add(repository.Relative(file));
        }
        repository.Index.Save();
        if (repository.Config.IsTrue("core", "autostage") && changed.Count > 0) repository.Git?.Stage(changed.Select(c => Path.Combine(repository.Root, c)));
        return new AddedVersion(repository.Relative(full), repository.Relative(file), state.Content.Hash, state.Size, state.Files.Count, there?.Output.Object != state.Content, changed);
    }

    private static WorkspaceState Store(DvcRepository repository, string full, bool legacy, bool isCached, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        if (!isCached) return WorkspaceState.Read(repository, full, legacy, progress, cancellationToken)!;
        using var batch = repository.Cache.Batch();
        var state = WorkspaceState.Read(repository, full, legacy, (file, known, count) =>
            known is not null && repository.Cache.HasWhole(new DvcObject(known, legacy), cancellationToken)
                ? known : repository.Cache.Put(file.Path, legacy, known, batch, count, cancellationToken).Hash, progress, cancellationToken)!;
        batch.Flush();
        if (state.Listing is { } listing)
        {
            // Last: a folder whose listing is there is complete.
            repository.Cache.PutBytes(state.Content, listing.ToBytes(), batch);
            batch.Flush();
        }
        Relink(repository, state, cancellationToken);
        return state;
    }

    // As DVC: what is a link to somewhere, or should be one into the cache, becomes what cache.type says; a plain file stays one.
    private static void Relink(DvcRepository repository, WorkspaceState state, CancellationToken cancellationToken)
    {
        var first = repository.Cache.Links[0];
        using var writer = new WorkspaceWriter(repository);
        for (var i = 0; i < state.Files.Count; i++)
        {
            var file = state.Files[i];
            var content = new DvcObject(state.Hashes[i], state.Content.Legacy);
            var isCopy = !file.IsLink && file.State.Links == 1;
            var isRight = first switch
            {
                LinkKind.Copy or LinkKind.Reflink => isCopy,
                LinkKind.Hardlink => !file.IsLink && (file.State.Size == 0 || FileState.Of(repository.Cache.PathOf(content)) is { } stored && stored.Inode == file.State.Inode && stored.Device == file.State.Device),
                _ => file.State.Size == 0 || file.IsLink && new FileInfo(file.Path).LinkTarget == repository.Cache.PathOf(content),
            };
            if (!isRight) writer.Write(content, file.Path, file.State.IsExecutable, cancellationToken);
        }
        writer.Flush();
    }

    private static string Check(DvcRepository repository, string path)
    {
        var full = repository.FullPath(path);
        if (full == repository.Root) throw DvcException.BadInput($"{path} is the repository itself. Name a file or folder in it.");
        if (full == repository.DvcFolder || DvcRepository.IsBelow(full, repository.DvcFolder) || repository.Relative(full).Split(Path.DirectorySeparatorChar).Contains(".git"))
            throw DvcException.BadInput($"{path} belongs to git or DVC and isn't data.");
        if (DvcRepository.IsDvcFile(full) || Path.GetFileName(full) is ".gitignore" or ".dvcignore") throw DvcException.BadInput($"{path} isn't data: git keeps it. Name what it stands for.");
        if (FileState.Of(full, follow: false) is not { } state) throw DvcException.BadInput($"There is no file or folder {path}.");
        for (var above = Path.GetDirectoryName(full)!; above != repository.Root; above = Path.GetDirectoryName(above)!)
            if (new DirectoryInfo(above).LinkTarget is not null) throw DvcException.BadInput($"{path} lies behind the link {above}. Add the folder that it leads to, in its own repository.");
        if (state.Kind == FileKind.Link && FileState.Of(full) is { Kind: FileKind.Folder }) throw DvcException.BadInput($"{path} is a link to a folder. Move the folder here, or add it where it is.");
        if (repository.Git?.IsTracked(full) is true) throw DvcException.BadInput($"{path} is held by git already. Run `git rm -r --cached '{repository.Git.Relative(full)}'` and commit; then add it here.");
        return full;
    }

    private static void RefuseOverlap(DvcRepository repository, IReadOnlyList<TrackedOutput> tracked, string full)
    {
        if (tracked.FirstOrDefault(o => DvcRepository.IsBelow(full, o.Path)) is { } around)
            throw DvcException.BadInput($"{repository.Relative(full)} is a part of {repository.Relative(around.Path)}, which is versioned as a whole: `lipsol data add {repository.Relative(around.Path)}`.");
        if (tracked.FirstOrDefault(o => DvcRepository.IsBelow(o.Path, full)) is { } inside)
            throw DvcException.BadInput($"{repository.Relative(inside.Path)}, a part of it, is versioned by itself. Delete {repository.Relative(inside.DvcFilePath)} and its line in .gitignore first.");
    }
}
