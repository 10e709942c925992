using LipSol.Artifacts.Dvc;

namespace LipSol.Artifacts.Tests.Dvc;

/// <summary><c>.dvc</c> files, byte for byte as DVC 3 writes them and changes them.</summary>
public sealed class DvcFileTests
{
    private const string File3 = "outs:\n- md5: 22a1a2931c8370d3aeedd7183606fd7f\n  size: 14445097\n  hash: md5\n  path: data.xml\n";
    private const string Folder3 = "outs:\n- md5: 5ea40360f5b4ec688df672a4db9c17d1.dir\n  size: 6\n  nfiles: 2\n  hash: md5\n  path: data\n";
    private const string File2 = "outs:\n- md5: 22a1a2931c8370d3aeedd7183606fd7f\n  size: 14445097\n  path: data.xml\n";

    [Fact]
    public void New_files_are_those_of_DVC_3()
    {
        Assert.Equal(File3, DvcFile.Create(new DvcOutput { Path = "data.xml", Hash = "22a1a2931c8370d3aeedd7183606fd7f", Size = 14445097 }).Text);
        Assert.Equal(Folder3, DvcFile.Create(new DvcOutput { Path = "data", Hash = "5ea40360f5b4ec688df672a4db9c17d1.dir", Size = 6, FileCount = 2 }).Text);
        Assert.Equal("outs:\n- md5: d41d8cd98f00b204e9800998ecf8427e\n  size: 0\n  isexec: true\n  hash: md5\n  path: run\n",
            DvcFile.Create(new DvcOutput { Path = "run", Hash = "d41d8cd98f00b204e9800998ecf8427e", Size = 0, IsExecutable = true }).Text);
    }

    // What ruamel.yaml, DVC's library, makes of these: YAML 1.2, lines of 80, no escapes for what can be printed.
    [Theory]
    [InlineData("plain.txt", " plain.txt")]
    [InlineData("two words", " two words")]
    [InlineData("اردو آواز", " اردو آواز")]
    [InlineData("😀.bin", " 😀.bin")]
    [InlineData("back\\slash", " back\\slash")]
    [InlineData("a: b", " 'a: b'")]
    [InlineData("a:b", " a:b")]
    [InlineData("a #b", " 'a #b'")]
    [InlineData("a#b", " a#b")]
    [InlineData("#a", " '#a'")]
    [InlineData("-a", " -a")]
    [InlineData("- a", " '- a'")]
    [InlineData("---", " '---'")]
    [InlineData("[a]", " '[a]'")]
    [InlineData("a[1]", " a[1]")]
    [InlineData("it's", " it's")]
    [InlineData("'quoted'", " \"'quoted'\"")]
    [InlineData("\"x\"", " '\"x\"'")]
    [InlineData(" leading", " ' leading'")]
    [InlineData("trailing ", " 'trailing '")]
    [InlineData("new\nline", " \"new\\nline\"")]
    [InlineData("tab\there", " \"tab\\there\"")]
    [InlineData("\u0001😀é", " \"\\x01\\U0001F600é\"")]
    [InlineData("12", " '12'")]
    [InlineData("0x1F", " '0x1F'")]
    [InlineData("1e5", " '1e5'")]
    [InlineData("1.5", " '1.5'")]
    [InlineData("1.5.bin", " 1.5.bin")]
    [InlineData("2026-11-29", " '2026-11-29'")]
    [InlineData("true", " 'true'")]
    [InlineData("yes", " yes")]
    [InlineData("null", " 'null'")]
    [InlineData("~", " '~'")]
    [InlineData("=", " '='")]
    [InlineData("+", " +")]
    [InlineData("12345678901234567890123456789012", " '12345678901234567890123456789012'")]
    [InlineData("1234567890123456789012345678e012", " '1234567890123456789012345678e012'")]
    public void Values_are_quoted_where_DVC_quotes_them(string value, string written)
    {
        Assert.Equal(written, YamlScalar.Write(value, column: 7));
        Assert.Equal(value, Assert.Single(DvcFile.Parse(DvcFile.Create(new DvcOutput { Path = value }).Text, "x.dvc").Outputs).Path);
    }

    [Fact]
    public void Long_names_are_folded_at_a_space_behind_column_80()
    {
        var name = string.Join(' ', Enumerable.Repeat("word", 20));
        var text = DvcFile.Create(new DvcOutput { Path = name }).Text;
        Assert.Equal("outs:\n- hash: md5\n  path: " + string.Join(' ', Enumerable.Repeat("word", 15)) + "\n    " + string.Join(' ', Enumerable.Repeat("word", 5)) + "\n", text);
        foreach (var odd in (string[])[name, "'" + name, "\n" + name, string.Join("  ", Enumerable.Repeat("word", 20)), new string('x', 200), name + " #", "اردو " + name, "\t" + new string('y', 100) + " z"])
            Assert.Equal(odd, Assert.Single(DvcFile.Parse(DvcFile.Create(new DvcOutput { Path = odd }).Text, "x.dvc").Outputs).Path);
    }

    [Fact]
    public void Files_of_DVC_2_and_3_are_told_apart()
    {
        var old = Assert.Single(DvcFile.Parse(File2, "data.xml.dvc").Outputs);
        Assert.True(old.IsLegacy);
        Assert.Equal("22/a1a2931c8370d3aeedd7183606fd7f", old.Object!.Value.Key);
        var now = Assert.Single(DvcFile.Parse(Folder3, "data.dvc").Outputs);
        Assert.False(now.IsLegacy);
        Assert.Equal("files/md5/5e/a40360f5b4ec688df672a4db9c17d1.dir", now.Object!.Value.Key);
        Assert.Equal((6, 2), (now.Size, now.FileCount));
    }

    [Fact]
    public void A_change_touches_nothing_else()
    {
        var text = "# by hand\nouts:\n- md5: 22a1a2931c8370d3aeedd7183606fd7f # the old one\n  size: 14445097\n  hash: md5\n  path: data.xml\n  desc: 'all of it'\nmeta:\n  owner: رضا\n";
        var file = DvcFile.Parse(text, "data.xml.dvc");
        var changed = file.With(file.Outputs[0] with { Hash = "12345678901234567890123456789012", Size = 3 });
        Assert.Equal("# by hand\nouts:\n- md5: '12345678901234567890123456789012' # the old one\n  size: 3\n  hash: md5\n  path: data.xml\n  desc: 'all of it'\nmeta:\n  owner: رضا\n", changed.Text);
        Assert.Equal(text, file.With(file.Outputs[0]).Text);
    }

    [Fact]
    public void Fields_come_and_go_where_DVC_has_them_come_and_go()
    {
        var old = DvcFile.Parse(File2, "data.xml.dvc");
        Assert.Equal("outs:\n- md5: 5ea40360f5b4ec688df672a4db9c17d1.dir\n  size: 6\n  path: data.xml\n  nfiles: 2\n  hash: md5\n",
            old.With(old.Outputs[0] with { Hash = "5ea40360f5b4ec688df672a4db9c17d1.dir", Size = 6, FileCount = 2, IsLegacy = false }).Text);
        var folder = DvcFile.Parse(Folder3, "data.dvc");
        Assert.Equal("outs:\n- md5: 22a1a2931c8370d3aeedd7183606fd7f\n  size: 6\n  hash: md5\n  path: data\n", folder.With(folder.Outputs[0] with { Hash = "22a1a2931c8370d3aeedd7183606fd7f", FileCount = null }).Text);
        var unended = DvcFile.Parse(File2.TrimEnd('\n'), "data.xml.dvc");
        Assert.Equal(File2 + "  hash: md5\n", unended.With(unended.Outputs[0] with { IsLegacy = false }).Text);
    }

    [Fact]
    public void What_LipSol_does_not_know_is_left_alone_and_named()
    {
        Assert.Contains("cloud's own versions", Assert.Single(DvcFile.Parse("outs:\n- path: x\n  hash: md5\n  files:\n  - relpath: a\n    md5: d41d8cd98f00b204e9800998ecf8427e\n", "x.dvc").Outputs).Unsupported, StringComparison.Ordinal);
        Assert.Contains("blake3", Assert.Single(DvcFile.Parse("outs:\n- path: x\n  hash: blake3\n", "x.dvc").Outputs).Unsupported, StringComparison.Ordinal);
        Assert.True(DvcFile.Parse("deps:\n- path: y\n  repo:\n    url: https://example.org/x.git\nouts:\n- path: x\n", "x.dvc").IsImport);
    }

    [Theory]
    [InlineData("outs:\n- md5: nothing\n  path: x\n")]
    [InlineData("outs:\n- md5: d41d8cd98f00b204e9800998ecf8427e\n")]
    [InlineData("outs: [")]
    [InlineData("<<<<<<< HEAD\nouts:\n")]
    [InlineData("- a\n- b\n")]
    [InlineData("")]
    [InlineData(" \n")]
    public void What_is_none_is_said_to_be(string text) => Assert.Contains("x.dvc", Assert.Throws<DvcException>(() => DvcFile.Parse(text, "x.dvc")).Message, StringComparison.Ordinal);
}
