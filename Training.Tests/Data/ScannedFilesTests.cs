using System.Security.Cryptography;
using SkiaSharp;
using Training.Core.Data;
using Training.Tests.Images;

namespace Training.Tests.Data;

/// <summary>Which files of a dataset are used, and what is said about the others.</summary>
public sealed class ScannedFilesTests
{
    [Fact]
    public void Scan_EveryFormatAndExtension_IsUsed()
    {
        using var photos = new PhotoFolder().With("dogs", 2)
            .Put("cats/a.JPG", Pictures.Small(1, SKEncodedImageFormat.Jpeg))
                .Put("cats/b.jpeg", Pictures.Small(2, SKEncodedImageFormat.Jpeg))
            .Put("cats/c.png", Pictures.Small(3)).Put("cats/d.WebP", Pictures.Small(4, SKEncodedImageFormat.Webp))
            .Put("cats/a png under a jpeg's name.jpg", Pictures.Small(5));

        var scan = photos.Scan();

        Assert.Empty(scan.Problems);
        Assert.Equal(5, scan.Samples.Count(sample => sample.Label == 0));
    }

    [Fact]
    public void Scan_Image_RemembersSizeAndHash()
    {
        var turned = Convert.FromBase64String(
            TestKit.Reference.Cases("Images", "formats.txt").Single(parts => parts[0] == "EXIF orientation 6")[1]);
        using var photos = new PhotoFolder().With("dogs", 2).Put("cats/a.jpg", turned);

        var sample = photos.Scan().Samples.Single(sample => sample.Label == 0);

        Assert.Equal((32, 16), (sample.Width, sample.Height));
        Assert.Equal(turned.Length, sample.Bytes);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(turned)), sample.Sha256);
    }

    [Fact]
    public void Scan_PicturesThatShowNothing_AreUsedAndNamed()
    {
        var blank = Pictures.Draw(40, 30, (_, _) => SKColors.White);
        var clear = TestKit.Reference.Cases("Images", "formats.txt").Single(parts => parts[0] == "PNG wholly transparent")[1];
        using var photos = new PhotoFolder().With("cats", 2).With("dogs", 2)
            .Put("cats/white", blank.Copy().Encode(SKEncodedImageFormat.Png)).Put("cats/white.jpg", blank.Encode(SKEncodedImageFormat.Jpeg))
            .Put("dogs/clear.png", Convert.FromBase64String(clear));

        var scan = photos.Scan();

        Assert.Equal(7, scan.Samples.Count);
        Assert.Equal(["cats/white", "cats/white.jpg"],
            scan.Problems.Where(problem =>
                problem.Message.StartsWith("Is blank: every pixel has the same colour", StringComparison.Ordinal))
                    .Select(problem => problem.Path!));
        // The one says the other thing too.
        Assert.Equal("cats/white", scan.Has(ProblemSeverity.Warning, "Has no file extension").Path);
        Assert.Equal("dogs/clear.png", scan.Has(ProblemSeverity.Warning, "Is wholly transparent").Path);
    }

    [Fact]
    public void Scan_UnusableFiles_AreListedWithReasonAndRemedy()
    {
        var whole = Pictures.Scene(64, 64).Encode(SKEncodedImageFormat.Jpeg);
        using var photos = new PhotoFolder().With("cats", 2).With("dogs", 2)
            .Put("cats/empty.jpg").Put("cats/cut.jpg", whole[..^100]).Put("cats/text.jpg", "hello"u8.ToArray())
            .Put("cats/moving.gif", "GIF89a"u8.ToArray()).Put("cats/notes.txt", "hello"u8.ToArray())
            .Put("cats/huge.png", Pictures.PngOfSize(30_000, 30_000)).Put("cats/noise.webp", 1, 2, 3, 4);
        File.CreateSymbolicLink(photos.In("cats/nowhere.jpg"), photos.In("nothing"));

        var scan = photos.Scan();

        Assert.Equal(4, scan.Samples.Count);
        Assert.Equal("cats/empty.jpg", scan.Has(ProblemSeverity.Warning, "Is empty (0 bytes)").Path);
        Assert.Equal("cats/cut.jpg", scan.Has(ProblemSeverity.Warning, "Is cut off").Path);
        Assert.Equal("cats/moving.gif", scan.Has(ProblemSeverity.Warning, "Is a GIF image").Path);
        Assert.Equal("cats/huge.png", scan.Has(ProblemSeverity.Warning, "30000 × 30000").Path);
        Assert.Equal("cats/nowhere.jpg", scan.Has(ProblemSeverity.Warning, "link that leads nowhere").Path);
        Assert.Equal(["cats/notes.txt", "cats/text.jpg"],
            scan.Problems.Where(problem => problem.Message.StartsWith("Is a text file", StringComparison.Ordinal))
                .Select(problem => problem.Path!));
        Assert.Contains(scan.Problems, problem => problem.Path == "cats/noise.webp");
        Assert.Equal(8, scan.Problems.Count);
    }

    [Fact]
    public void Scan_ImageUnderAnotherName_IsUsedAndMentioned()
    {
        using var photos = new PhotoFolder().With("cats", 2).With("dogs", 2)
            .Put("cats/plain", Pictures.Small(90)).Put("cats/photo.jfif", Pictures.Small(91, SKEncodedImageFormat.Jpeg));

        var scan = photos.Scan();

        Assert.Equal(6, scan.Samples.Count);
        Assert.Equal("cats/plain", scan.Has(ProblemSeverity.Warning, "Has no file extension but is a PNG image; it is used").Path);
        Assert.Equal("cats/photo.jfif", scan.Has(ProblemSeverity.Warning, "Is a JPEG image under the extension .jfif; it is used").Path);
    }

    [Fact]
    public void Scan_WhatSystemsLeaveBehind_IsMentionedOnce()
    {
        using var photos = new PhotoFolder().With("cats", 2).With("dogs", 2).With("__MACOSX/cats", 2).With(".git", 1)
            .Put("cats/.DS_Store", 1).Put("cats/Thumbs.db", 1).Put("dogs/._000.png", 1);

        var scan = photos.Scan();

        Assert.Equal(4, scan.Samples.Count);
        scan.Has(ProblemSeverity.Warning, "5 files and folders are ignored that systems and programs leave behind, such as .git");
        Assert.Single(scan.Problems);
    }

    [Fact]
    public void Scan_FilesOutsideClassFolders_AreNamed()
    {
        using var photos = new PhotoFolder().With("cats", 2).With("dogs", 2).Put("stray.png", Pictures.Small(99)).Put("README.md", 65);

        var scan = photos.Scan();

        Assert.Equal("stray.png", scan.Has(ProblemSeverity.Warning, "Lies in no class folder").Path);
        Assert.Equal("README.md", scan.Has(ProblemSeverity.Warning, "Is not an image in a class folder").Path);
        Assert.Equal(4, scan.Samples.Count);
    }

    [SkippableFact]
    public void Scan_Pipe_IsNotOpened()
    {
        using var photos = new PhotoFolder().With("cats", 2).With("dogs", 2);
        using var mkfifo = System.Diagnostics.Process.Start("mkfifo", [photos.In("cats/pipe.jpg")]);
        mkfifo.WaitForExit();
        Skip.If(mkfifo.ExitCode != 0, "mkfifo can't make a pipe here.");

        Assert.Equal("cats/pipe.jpg", photos.Scan().Has(ProblemSeverity.Warning, "Is a named pipe, not a file").Path);
    }
}
