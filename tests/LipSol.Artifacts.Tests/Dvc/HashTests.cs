using System.Text;
using LipSol.Artifacts.Files;

namespace LipSol.Artifacts.Tests.Dvc;

public sealed class HashTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // DVC 2 decides about text, and joins CR and LF, in blocks of 1 MiB.
    [Fact]
    public void Hashes_of_DVC_2_take_CRLF_for_LF_in_text_block_by_block()
    {
        Assert.Equal(ArtifactHash.Of("a\nb\rc\n"u8), Legacy("a\r\nb\rc\r\n"u8.ToArray()));
        Assert.Equal(ArtifactHash.Of([]), Legacy([]));
        byte[] binary = [1, 0, 13, 10];
        Assert.Equal(ArtifactHash.Of(binary), Legacy(binary));
        var urdu = Encoding.UTF8.GetBytes("آواز\r\n"); // more than 30 % of its bytes aren't ASCII: no text for DVC
        Assert.Equal(ArtifactHash.Of(urdu), Legacy(urdu));

        // CR at the end of a block and LF at the beginning of the next stay two.
        var split = Encoding.ASCII.GetBytes(new string('x', (1 << 20) - 1) + "\r\nend\r\n");
        Assert.Equal(ArtifactHash.Of(Encoding.ASCII.GetBytes(new string('x', (1 << 20) - 1) + "\r\nend\n")), Legacy(split));

        // The second block is binary, the third text again.
        var blocks = new byte[(1 << 20) * 2 + 4];
        blocks.AsSpan().Fill((byte)'y');
        "\r\n"u8.CopyTo(blocks);
        blocks[1 << 20] = 0;
        "\r\n"u8.CopyTo(blocks.AsSpan((1 << 20) + 8));
        "\r\n"u8.CopyTo(blocks.AsSpan((1 << 20) * 2));
        byte[] wanted = [.. "\n"u8, .. blocks.AsSpan(2, (1 << 20) * 2 - 2), .. "\nyy"u8];
        Assert.Equal(ArtifactHash.Of(wanted), Legacy(blocks));
    }

    [Fact]
    public void The_index_knows_files_that_have_not_changed_and_only_those()
    {
        var index = HashIndex.Open(Path.Combine(_folder.Path, "index"), _folder.Path);
        var path = _folder.Write("a", "one"u8.ToArray());
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(-1));
        var state = FileState.Of(path)!.Value;
        index.Set(path, state, legacy: false, "f97c5d29941bfb1b2fdab0874906ab82", DateTimeOffset.UtcNow);
        index.Save();

        index = HashIndex.Open(Path.Combine(_folder.Path, "index"), _folder.Path);
        Assert.Equal("f97c5d29941bfb1b2fdab0874906ab82", index.Find(path, FileState.Of(path)!.Value, legacy: false));
        Assert.Null(index.Find(path, state, legacy: true));
        Assert.Null(index.Find(path, state with { Size = 4 }, legacy: false));
        Assert.Null(index.Find(path, state with { Inode = state.Inode + 1 }, legacy: false));
        Assert.Null(index.Find(path, state with { ModifiedNanoseconds = state.ModifiedNanoseconds + 1 }, legacy: false));
        Assert.Null(index.Find(path + "b", state, legacy: false));

        index.Prune(_folder.Path, new HashSet<string>());
        index.Save();
        Assert.Null(HashIndex.Open(Path.Combine(_folder.Path, "index"), _folder.Path).Find(path, state, legacy: false));
    }

    [Fact]
    public void A_file_that_changed_while_it_was_hashed_is_not_known()
    {
        var index = HashIndex.Open(Path.Combine(_folder.Path, "index"), _folder.Path);
        var path = _folder.Write("a", "one"u8.ToArray());
        var state = FileState.Of(path)!.Value;
        index.Set(path, state, legacy: false, "f97c5d29941bfb1b2fdab0874906ab82", DateTimeOffset.UnixEpoch.AddTicks(state.ModifiedNanoseconds / 100 + 1));
        Assert.Null(index.Find(path, state, legacy: false)); // another change could bear the same time
    }

    [Fact]
    public void A_damaged_index_is_an_empty_one()
    {
        var file = _folder.Write("index", [1, 2, 3]);
        var path = _folder.Write("a", "one"u8.ToArray());
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(-1));
        var state = FileState.Of(path)!.Value;
        var index = HashIndex.Open(file, _folder.Path);
        index.Set(path, state, legacy: false, "f97c5d29941bfb1b2fdab0874906ab82", DateTimeOffset.UtcNow);
        index.Save();
        var bytes = File.ReadAllBytes(file);
        bytes[^30] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.Null(HashIndex.Open(file, _folder.Path).Find(path, state, legacy: false));
        File.WriteAllBytes(file, bytes[..^5]);
        Assert.Null(HashIndex.Open(file, _folder.Path).Find(path, state, legacy: false));
    }

    [Fact]
    public void The_state_of_a_file_is_what_the_system_says()
    {
        var path = _folder.Write("a", "four"u8.ToArray());
        File.SetLastWriteTimeUtc(path, new DateTime(2026, 11, 29, 13, 0, 0, 123, DateTimeKind.Utc));
        var state = FileState.Of(path)!.Value;
        Assert.Equal((FileKind.Regular, 4, 1u, false), (state.Kind, state.Size, state.Links, state.IsExecutable));
        Assert.Equal((new DateTime(2026, 11, 29, 13, 0, 0, 123, DateTimeKind.Utc) - DateTime.UnixEpoch).Ticks * 100, state.ModifiedNanoseconds);
        Assert.Equal(FileKind.Folder, FileState.Of(_folder.Path)!.Value.Kind);
        Assert.Null(FileState.Of(path + "x"));
        File.CreateSymbolicLink(path + "link", path);
        Assert.Equal(FileKind.Link, FileState.Of(path + "link", follow: false)!.Value.Kind);
        Assert.Equal(state, FileState.Of(path + "link"));
    }

    private string Legacy(byte[] bytes) => FileHasher.Hash(_folder.Write(Guid.NewGuid().ToString("N"), bytes), legacy: true, TestContext.Current.CancellationToken);
}
